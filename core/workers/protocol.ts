import type { CarriedError } from "./carry_error.ts";

/** What the main thread tells a worker that does one task. */
export type ToWorker<Task> =
  | { kind: "task"; task: Task }
  | { kind: "abort" };

/** What such a worker tells the main thread. */
export type FromWorker<Event, Result> =
  | { kind: "event"; event: Event }
  | { kind: "note"; note: string }
  | { kind: "result"; result: Result }
  | { kind: "stopped" }
  | { kind: "error"; error: CarriedError };

/** What the main thread tells a worker that answers requests. */
export type ToService<Setup, Request> =
  | { kind: "setup"; setup: Setup }
  | { kind: "request"; request: Request };

/** What such a worker tells the main thread, once for each message, in order. */
export type FromService<Answer> =
  | { kind: "ready" }
  | { kind: "answer"; answer: Answer }
  | { kind: "error"; error: CarriedError };
