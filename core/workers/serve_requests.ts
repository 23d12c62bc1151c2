import { explainDeviceFailure } from "../device/health.ts";
import { packError } from "./carry_error.ts";
import { postToMain } from "./post_to_main.ts";
import type { FromService, ToService } from "./protocol.ts";

/**
 * Makes this worker answer the requests of `startService`, one after another:
 * `prepare` gets the setup once and gives what answers a request.
 */
export function serveRequests<Setup, Request, Answer>(
  prepare: (setup: Setup) => Promise<(request: Request) => Promise<Answer>>,
): void {
  const tell = (message: FromService<Answer>) => postToMain(message);
  let answer: ((request: Request) => Promise<Answer>) | undefined;
  addEventListener("message", async (event) => {
    if (!(event instanceof MessageEvent)) return;
    const { data }: MessageEvent<ToService<Setup, Request>> = event;
    try {
      if (data.kind === "setup") {
        answer = await prepare(data.setup);
        tell({ kind: "ready" });
      } else if (answer) {
        tell({ kind: "answer", answer: await answer(data.request) });
      }
    } catch (error) {
      tell({
        kind: "error",
        error: packError(await explainDeviceFailure(error)),
      });
    }
  });
}
