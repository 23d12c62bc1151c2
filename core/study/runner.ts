import type { BackendChoice } from "../device/select_backend.ts";
import {
  describeWorkerBackend,
  type WorkerBackend,
} from "../train/worker_backend.ts";
import { runInWorker } from "../workers/run_in_worker.ts";

/** What a runner is told, and tells, while it trains a group of trials. */
export interface RunnerContext<Event> {
  /** When aborted, the group saves where it stands, and the reason is thrown. */
  signal: AbortSignal;
  /** To be called with what happens meanwhile: plain data. */
  onEvent: (event: Event) => void;
}

/**
 * Trains one group of trials to its end, wherever: here in worker threads, later on
 * other machines. What a group needs, what is told meanwhile and what comes of it
 * are plain data, which a message between machines keeps; what all groups share, a
 * runner is made with.
 *
 * It throws the reason of an aborted signal, and what went wrong. It writes nothing
 * to the study, which one process does: the one that has its lock.
 */
export type Runner<Group, Event, Result> = (
  group: Group,
  context: RunnerContext<Event>,
) => Promise<Result>;

/** What a worker thread gets: a group, what all groups share, and where to compute. */
export interface ThreadTask<Shared, Group> {
  /** What all groups share; large arrays in shared memory. */
  shared: Shared;
  /** The trials to train, as plain data. */
  group: Group;
  backend: WorkerBackend;
}

/**
 * A runner that trains each group in a worker thread of its own, started from the
 * module at `url`, which calls `serveGroups`. It throws the worker's error.
 */
export function runInThreads<Shared, Group, Event, Result>(
  url: URL,
  { shared, backend, onNote }: {
    shared: Shared;
    backend: BackendChoice;
    /** Told in a sentence why what was kept, a checkpoint say, is not used. */
    onNote?: (note: string) => void;
  },
): Runner<Group, Event, Result> {
  return async (group, { signal, onEvent }) =>
    await runInWorker<ThreadTask<Shared, Group>, Event, Result>(url, {
      shared,
      group,
      backend: describeWorkerBackend(backend),
    }, { signal, onEvent, onNote });
}
