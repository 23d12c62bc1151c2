import { explainDeviceFailure } from "../device/health.ts";
import { packError } from "./carry_error.ts";
import { postToMain } from "./post_to_main.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/**
 * Makes this worker do the one task that `runInWorker` sends it: `work` gets the
 * task, functions to report events and notes by, and a signal that is aborted when
 * the main thread asks it to stop.
 */
export function serveTask<Task, Event, Result>(
  work: (
    task: Task,
    context: {
      emit: (event: Event) => void;
      note: (note: string) => void;
      signal: AbortSignal;
    },
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
        note: (note) => tell({ kind: "note", note }),
        signal: controller.signal,
      });
      tell({ kind: "result", result });
    } catch (error) {
      if (controller.signal.aborted && error === controller.signal.reason) {
        tell({ kind: "stopped" });
        return;
      }
      tell({
        kind: "error",
        error: packError(await explainDeviceFailure(error)),
      });
    }
  });
}
