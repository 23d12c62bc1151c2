import { unpackError, WorkerError } from "./carry_error.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/**
 * Runs `task` in a worker of its own, started from the module at `url`, which
 * calls `serveTask`; gives the worker's result, or throws the worker's error.
 *
 * When `signal` is aborted the worker is told, may save what it has, and the
 * signal's reason is thrown; or what went wrong with that.
 */
export async function runInWorker<Task, Event, Result>(
  url: URL,
  task: Task,
  { onEvent, onNote, signal }: {
    onEvent?: (event: Event) => void;
    onNote?: (note: string) => void;
    signal?: AbortSignal;
  } = {},
): Promise<Result> {
  signal?.throwIfAborted();
  const worker = new Worker(url, { type: "module" });
  const tell = (message: ToWorker<Task>) => worker.postMessage(message);
  const abort = () => tell({ kind: "abort" });
  return await new Promise<Result>((resolve, reject) => {
    worker.onmessage = (
      { data }: MessageEvent<FromWorker<Event, Result>>,
    ) => {
      if (data.kind === "event") onEvent?.(data.event);
      if (data.kind === "note") onNote?.(data.note);
      if (data.kind === "result") resolve(data.result);
      if (data.kind === "stopped") reject(signal?.reason);
      if (data.kind === "error") reject(unpackError(data.error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new WorkerError(event.message));
    };
    signal?.addEventListener("abort", abort);
    tell({ kind: "task", task });
  }).finally(() => {
    signal?.removeEventListener("abort", abort);
    worker.terminate();
  });
}
