import {
  type CompactPools,
  openPools,
} from "../../core/compress/compact/open_pools.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import type { BackendInUse } from "../../core/device/select_backend.ts";
import type { PoolSpec } from "../../core/distill/augmented_pool.ts";
import { logitAccuracy } from "../../core/distill/logit_accuracy.ts";
import type { LoadedModel } from "../../core/models/formats/load_model.ts";
import type { LabelledImages } from "../../core/train/evaluate_model.ts";
import type { Io } from "../command.ts";
import { memoryBytes } from "../options/data_options.ts";
import { ownPath } from "../options/own_path.ts";
import { checkTeacherAccuracy, countWorkers } from "./experiment.ts";

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

/** Training and validation images with the teacher's logits, made with progress unless kept. */
export async function loadPools(
  { teacher, dataset, spec, backend, memory }: {
    teacher: LoadedModel;
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
    workers: countWorkers(backend),
    memory: memoryBytes(memory),
    signal: io.signal,
    onProgress: (done, total) => progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  });
  checkTeacherAccuracy(accuracyOf(pools.validation), dataset);
  return pools;
}
