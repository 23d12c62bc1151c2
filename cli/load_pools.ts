import {
  type CompactPools,
  openPools,
} from "../core/compress/compact/open_pools.ts";
import type { SplitDataset } from "../core/data/split.ts";
import type { BackendInUse } from "../core/device/select_backend.ts";
import type { PoolSpec } from "../core/distill/augmented_pool.ts";
import type { LoadedModel } from "../core/models/load_model.ts";
import type { Io } from "./command.ts";
import { countWorkers } from "./experiment.ts";

/** Where augmented images and the teacher's logits of them are kept between runs. */
export const POOLS = ".retort/pools";

/** Training and validation images with the teacher's logits, made with progress unless kept. */
export async function loadPools(
  { teacher, dataset, spec, backend }: {
    teacher: LoadedModel;
    dataset: SplitDataset;
    spec: PoolSpec;
    backend: BackendInUse;
  },
  io: Io,
): Promise<CompactPools> {
  using progress = io.progress("teacher's logits");
  return await openPools(teacher, dataset, spec, {
    cache: POOLS,
    backend: backend.name,
    workers: countWorkers(backend),
    signal: io.signal,
    onProgress: (done, total) => progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  });
}
