import { NO_AUGMENTATION } from "../../data/augmentation.ts";
import type { SplitDataset } from "../../data/split.ts";
import {
  openPool,
  type PoolOptions,
  type PoolSpec,
} from "../../distill/augmented_pool.ts";
import type { Teacher } from "../../models/formats/teacher.ts";
import type { LabelledImages } from "../../train/evaluate_model.ts";

/** What a compact model learns from, and what it is chosen by. */
export interface CompactPools {
  /** Training images and augmented copies of them. */
  pool: LabelledImages;
  /** Validation images as they are. */
  validation: LabelledImages;
}

/**
 * The images that compact models learn from and are chosen by, with the teacher's logits
 * of each, in shared memory; made where `cache` has none of them. Throws what
 * {@linkcode openPool} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { COMPACT_POOL } from "./compact_configuration.ts";
 * import { openPools } from "./open_pools.ts";
 *
 * const { pool, validation } = await openPools(
 *   await makeBarsTeacher(),
 *   makeBars(),
 *   { ...COMPACT_POOL, copies: 2 },
 *   { cache: await Deno.makeTempDir(), backend: "wasm", workers: 1 },
 * );
 * assertEquals([pool.examples.count, validation.examples.count], [192, 24]);
 * ```
 */
export async function openPools(
  teacher: Teacher,
  { train, validation }: SplitDataset,
  spec: PoolSpec,
  options: PoolOptions,
): Promise<CompactPools> {
  const originals = { augmentation: NO_AUGMENTATION, copies: 1, seed: 0 };
  return {
    validation: await openPool(teacher, validation, originals, options),
    pool: await openPool(teacher, train, spec, options),
  };
}
