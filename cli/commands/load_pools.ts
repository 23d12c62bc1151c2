import {
  type CompactPools,
  openPools,
} from "../../core/compress/compact/open_pools.ts";
import { NO_AUGMENTATION } from "../../core/data/augmentation.ts";
import type { Examples } from "../../core/data/dataset.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import type { BackendInUse } from "../../core/device/select_backend.ts";
import { openPool, type PoolSpec } from "../../core/distill/augmented_pool.ts";
import { logitAccuracy } from "../../core/distill/logit_accuracy.ts";
import type {
  BlackBox,
  Teacher,
} from "../../core/models/formats/load_model.ts";
import type { LabelledImages } from "../../core/train/evaluate_model.ts";
import type { Io } from "../command.ts";
import { memoryBytes } from "../options/data_options.ts";
import { ownPath } from "../options/own_path.ts";
import {
  checkTeacherAccuracy,
  countAskers,
  countBoxAskers,
} from "./experiment.ts";

/** Where augmented images and the teacher's logits of them are kept between runs. */
export const POOLS = ".retort/pools";

/** Share of images that the teacher's own logits get right. */
export function accuracyOf(
  { examples, teacherLogits }: LabelledImages,
): number {
  const { count, labels } = examples;
  const logits = new Float32Array(teacherLogits ?? []);
  return logitAccuracy({ count, labels, logits });
}

/**
 * The logits `[count, classes]` that `box` gives of `examples`, with progress unless they
 * are kept from before.
 */
export async function loadLogits(
  box: BlackBox,
  examples: Examples,
  { memory, io }: {
    /** Of `--memory`. */
    memory: number;
    io: Io;
  },
): Promise<Float32Array<ArrayBuffer>> {
  using progress = io.progress("logits");
  const originals = { augmentation: NO_AUGMENTATION, copies: 1, seed: 0 };
  const { teacherLogits } = await openPool(box, examples, originals, {
    cache: ownPath(POOLS),
    backend: "cpu", // which a black box does without
    workers: countBoxAskers(box),
    memory: memoryBytes(memory),
    signal: io.signal,
    onProgress: (done, total) => progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  });
  return new Float32Array(teacherLogits ?? []);
}

/** Training and validation images with the teacher's logits, made with progress unless kept. */
export async function loadPools(
  { teacher, dataset, spec, backend, memory }: {
    teacher: Teacher;
    dataset: SplitDataset;
    spec: PoolSpec;
    backend: BackendInUse;
    /** Of `--memory`. */
    memory: number;
  },
  io: Io,
): Promise<CompactPools> {
  using progress = io.progress("teacher's logits");
  const pools = await openPools(teacher, dataset, spec, {
    cache: ownPath(POOLS),
    backend: backend.name,
    workers: countAskers(teacher, backend),
    memory: memoryBytes(memory),
    signal: io.signal,
    onProgress: (done, total) => progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  });
  checkTeacherAccuracy(accuracyOf(pools.validation), dataset);
  return pools;
}
