import { unpackError, WorkerError } from "./carry_error.ts";
import type { FromService, ToService } from "./protocol.ts";

/** A worker that answers requests until it is disposed of. */
export interface Service<Request, Answer> {
  /** Sends a request; throws the worker's error. One at a time. */
  ask(request: Request): Promise<Answer>;
  /** Ends the worker, whatever it is at. */
  [Symbol.dispose](): void;
}

/**
 * Starts a worker from the module at `url`, which calls `serveRequests`, with
 * `setup`; gives it as soon as it is ready. Throws the worker's error.
 */
export async function startService<Setup, Request, Answer>(
  url: URL,
  setup: Setup,
): Promise<Service<Request, Answer>> {
  const worker = new Worker(url, { type: "module" });
  const dead = Promise.withResolvers<never>();
  // Told by whoever waits, now or later; no one may.
  dead.promise.catch(() => {});
  worker.onerror = (event) => {
    event.preventDefault();
    dead.reject(new WorkerError(event.message));
  };
  worker.onmessageerror = () =>
    dead.reject(new WorkerError("its message can't be read"));
  const exchange = (message: ToService<Setup, Request>) => {
    const reply = Promise.withResolvers<FromService<Answer>>();
    worker.onmessage = ({ data }: MessageEvent<FromService<Answer>>) =>
      reply.resolve(data);
    worker.postMessage(message);
    return Promise.race([reply.promise, dead.promise]);
  };
  try {
    const ready = await exchange({ kind: "setup", setup });
    if (ready.kind === "error") throw unpackError(ready.error);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return {
    async ask(request) {
      const reply = await exchange({ kind: "request", request });
      if (reply.kind === "answer") return reply.answer;
      throw reply.kind === "error"
        ? unpackError(reply.error)
        : new Error("Cannot ask a worker: it must answer each request once");
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}
