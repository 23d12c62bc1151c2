import {
  type BackendChoice,
  selectBackend,
} from "../../../../core/device/select_backend.ts";
import { serveTask } from "../../../../core/workers/serve_task.ts";
import {
  type CompactProgress,
  type CompactTask,
  type CompactTrainingOptions,
  trainCompact,
  type TrainedCompact,
} from "../../../../core/compress/compact/train_compact.ts";

/** The training of one compact model in a worker of its own. */
export interface CompactWork
  extends Pick<CompactTrainingOptions, "checkpoint" | "floatCheckpoint"> {
  task: CompactTask;
  backend: BackendChoice;
}

serveTask<CompactWork, CompactProgress, TrainedCompact>(
  async ({ task, backend, ...files }, { emit, note, signal }) => {
    await selectBackend(backend);
    return await trainCompact(task, {
      ...files,
      signal,
      onProgress: emit,
      onNote: note,
    });
  },
);
