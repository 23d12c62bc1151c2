import type { Examples } from "../data/dataset.ts";
import { type BackendChoice, selectBackend } from "../device/select_backend.ts";
import { type Tiles, useTiles } from "../kernels/webgpu/tile.ts";
import { load } from "../infer/load.ts";
import { scoreAnswers } from "../infer/score_answers.ts";
import { serveTask } from "../workers/serve_task.ts";
import { encodeDram } from "../compress/code/encode_dram.ts";
import {
  type CompactProgress,
  type CompactResumed,
  type CompactTask,
  trainCompact,
} from "../compress/compact/train_compact.ts";
import type { CandidateFiles } from "./candidate_files.ts";
import type { TrainedCandidate } from "./train_candidate.ts";

/** The training of one candidate in a worker of its own. */
export interface CandidateTask extends CompactTask {
  /** Read once, when it is finished. */
  test: Examples;
  /** Files of its state. */
  files: CandidateFiles;
  backend: BackendChoice;
  /** Tiles of matrix products on WebGPU, as tuned for the adapter. */
  tiles: Tiles;
}

/** What the worker tells of its training. */
export type CandidateEvent =
  | CompactProgress
  | CompactResumed & { kind: "resumed" };

serveTask<CandidateTask, CandidateEvent, TrainedCandidate>(
  async (
    { test, files, backend, tiles, ...task },
    { emit, note, signal },
  ) => {
    const { name } = await selectBackend(backend);
    if (name === "webgpu") useTiles(tiles);
    const began = performance.now();
    const { encoded } = await trainCompact(task, {
      ...{ ...files, signal, onProgress: emit, onNote: note },
      onResume: (resumed) => emit({ kind: "resumed", ...resumed }),
    });
    const dram = encodeDram(encoded);
    // From here on the file alone counts, as a user would read it.
    const model = load(dram);
    const assess = ({ images, labels }: Examples) => {
      const answers = model.classify(images);
      return { answers, accuracy: scoreAnswers(answers, labels).accuracy };
    };
    const tested = assess(test);
    return {
      dram,
      validation: assess(task.validation.examples).accuracy,
      test: tested.accuracy,
      seconds: (performance.now() - began) / 1000,
    };
  },
);
