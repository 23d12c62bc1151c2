import {
  type CompactPools,
  openPools,
} from "../core/compress/compact/open_pools.ts";
import type { SearchTraining } from "../core/search/search_training.ts";
import { NO_AUGMENTATION } from "../core/data/augmentation.ts";
import type { SplitDataset } from "../core/data/split.ts";
import type { BackendInUse } from "../core/device/select_backend.ts";
import { openPool } from "../core/distill/augmented_pool.ts";
import type { LoadedModel } from "../core/models/load_model.ts";
import type { Accuracy } from "../core/study/estimate.ts";
import type { Io } from "./command.ts";
import { checkTeacherAccuracy } from "./experiment.ts";
import { accuracyOf, POOLS } from "./load_pools.ts";
import { ownPath } from "./own_path.ts";

/**
 * What students of a search learn from and are chosen by, computed with progress
 * unless kept from before, and what the teacher itself scores.
 */
export async function openSearchPools(
  { teacher, dataset, training, backend, workers }: {
    teacher: LoadedModel;
    dataset: SplitDataset;
    training: SearchTraining;
    backend: BackendInUse;
    workers: number;
  },
  io: Io,
): Promise<CompactPools & { accuracy: Accuracy }> {
  using progress = io.progress("augmented images");
  const options = {
    ...{ cache: ownPath(POOLS), backend: backend.name, workers },
    signal: io.signal,
    onProgress: (done: number, total: number) =>
      progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  };
  const pools = await openPools(teacher, dataset, training.pool, options);
  const validation = accuracyOf(pools.validation);
  checkTeacherAccuracy(validation, dataset);
  const originals = { augmentation: NO_AUGMENTATION, copies: 1, seed: 0 };
  const test = await openPool(teacher, dataset.test, originals, options);
  return {
    ...pools,
    accuracy: {
      validation,
      test: accuracyOf(test),
    },
  };
}
