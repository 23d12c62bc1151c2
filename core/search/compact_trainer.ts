import type { Examples } from "../data/dataset.ts";
import type { BackendChoice } from "../device/select_backend.ts";
import { tilesInUse } from "../kernels/webgpu/tile.ts";
import { parseLayers } from "../models/parse_layers.ts";
import type { LabelledImages } from "../train/evaluate_model.ts";
import { runInWorker } from "../workers/run_in_worker.ts";
import type { CandidateEvent, CandidateTask } from "./candidate_worker.ts";
import { configurationOf, type SearchTraining } from "./search_training.ts";
import type { TrainCandidate, TrainedCandidate } from "./train_candidate.ts";

/** What candidates are trained from, and where. */
export interface CompactTrainerOptions {
  /** Images to learn from, in shared memory, with the teacher's logits. */
  pool: LabelledImages;
  /** Images to choose by, with the teacher's logits. */
  validation: LabelledImages;
  /** Images to report on. */
  test: Examples;
  /** How many classes there are; they are called 0, 1, 2, … */
  classes: number;
  /** What candidates have in common. */
  training: SearchTraining;
  /** Backend that each worker selects. */
  backend: BackendChoice;
  /** Told in a sentence why a checkpoint is not gone on from. */
  onNote?: (note: string) => void;
}

/**
 * Trains each candidate in a worker of its own: `trainCompact`, then the file, and
 * what that scores when it is read back. The trainer throws what `trainCompact` and
 * `parseLayers` throw.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { makeBars } from "../../tests/core/bars.ts";
 * import { compactTrainer } from "./compact_trainer.ts";
 * import { SEARCH_TRAINING } from "./search_presets.ts";
 *
 * const { train, validation, test, classes } = makeBars();
 * const trainCandidate = compactTrainer({
 *   pool: { examples: train },
 *   validation: { examples: validation },
 *   ...{ test, classes, backend: "wasm" },
 *   training: {
 *     ...SEARCH_TRAINING,
 *     ...{ epochs: { float: 1, quantised: 1 }, examplesPerEpoch: 96, batchSize: 16 },
 *   },
 * });
 * const folder = await Deno.makeTempDir();
 * const { dram } = await trainCandidate({
 *   ...{ layers: "conv3x4,mean", bits: 3, ratePenalty: 0, seed: 1 },
 *   loss: { kind: "cross-entropy" },
 * }, {
 *   files: { checkpoint: `${folder}/a`, floatCheckpoint: `${folder}/b` },
 *   signal: new AbortController().signal,
 *   onEpochs: () => {},
 *   onProgress: () => {},
 * });
 * assert(dram.length < 100);
 * ```
 */
export function compactTrainer(
  { pool, validation, test, classes, training, backend, onNote }:
    CompactTrainerOptions,
): TrainCandidate {
  const labels = Array.from({ length: classes }, (_, index) => String(index));
  return async (candidate, { files, signal, onEpochs, onProgress }) => {
    const { shape: input } = pool.examples;
    const task: CandidateTask = {
      spec: parseLayers(candidate.layers, { input, classes }),
      configuration: configurationOf(candidate, training),
      ...{ labels, pool, validation, test, files, backend },
      tiles: tilesInUse(),
    };
    const tell = (event: CandidateEvent) => {
      const { phase } = event;
      if (event.kind === "resumed") {
        onEpochs(event.epochs.map((each) => ({ ...each, phase })));
        return;
      }
      onProgress(event.step / event.steps);
      const { kind, epoch, training, validation } = event;
      if (kind !== "epoch" || !validation) return;
      onEpochs([{
        ...{ epoch, phase },
        training: training[0],
        validation: validation[0],
      }]);
    };
    return await runInWorker<
      CandidateTask,
      CandidateEvent,
      TrainedCandidate
    >(new URL("./candidate_worker.ts", import.meta.url), task, {
      ...{ signal, onEvent: tell, onNote },
    });
  };
}
