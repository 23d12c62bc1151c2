import type { FromWorker, ToWorker } from "./protocol.ts";

/**
 * Tells the main thread. Type libraries differ on whether a global scope has
 * `postMessage`, and a published module may not choose one: so it is looked for.
 */
function postToMain(message: unknown): void {
  const scope: object = globalThis;
  if ("postMessage" in scope && typeof scope.postMessage === "function") {
    scope.postMessage(message);
  }
}

/** What the system calls the error: `ENOSPC`, for example. */
function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error &&
      typeof error.code === "string"
    ? error.code
    : undefined;
}

/**
 * Makes this worker do the one task that `runInWorker` sends it: `work` gets the
 * task, a function to report events by, and a signal that is aborted when the
 * main thread asks it to stop.
 */
export function serveTask<Task, Event, Result>(
  work: (
    task: Task,
    context: { emit: (event: Event) => void; signal: AbortSignal },
  ) => Promise<Result>,
): void {
  const controller = new AbortController();
  const tell = (message: FromWorker<Event, Result>) => postToMain(message);
  addEventListener("message", async (event) => {
    if (!(event instanceof MessageEvent)) return;
    const { data }: MessageEvent<ToWorker<Task>> = event;
    if (data.kind === "abort") {
      controller.abort(new Error("The main thread asked to stop"));
      return;
    }
    try {
      const result = await work(data.task, {
        emit: (event) => tell({ kind: "event", event }),
        signal: controller.signal,
      });
      tell({ kind: "result", result });
    } catch (error) {
      if (controller.signal.aborted && error === controller.signal.reason) {
        tell({ kind: "stopped" });
        return;
      }
      const { name, message, stack } = error instanceof Error
        ? error
        : new Error(String(error));
      const code = systemCode(error);
      tell({ kind: "error", name, message, stack, code });
    }
  });
}
