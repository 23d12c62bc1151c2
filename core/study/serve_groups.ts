import { useWorkerBackend } from "../train/worker_backend.ts";
import { serveTask } from "../workers/serve_task.ts";
import type { RunnerContext, ThreadTask } from "./runner.ts";

/**
 * Makes this worker train the one group that `runInThreads` sends it, on the
 * backend that it says, once that has shown that it computes what it should:
 * `train` gets what all groups share, the group, and what to tell; notes too. What
 * it gives comes back with the seconds that it took.
 */
export function serveGroups<Shared, Group, Event, Result>(
  train: (
    shared: Shared,
    group: Group,
    context: RunnerContext<Event> & { onNote: (note: string) => void },
  ) => Promise<Result>,
): void {
  serveTask<ThreadTask<Shared, Group>, Event, Result & { seconds: number }>(
    async (
      { shared, group, backend },
      { emit: onEvent, note: onNote, signal },
    ) => {
      await useWorkerBackend(backend);
      const began = performance.now();
      const result = await train(shared, group, { signal, onEvent, onNote });
      return { ...result, seconds: (performance.now() - began) / 1000 };
    },
  );
}
