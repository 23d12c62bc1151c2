/** What the main thread tells a worker. */
export type ToWorker<Task> =
  | { kind: "task"; task: Task }
  | { kind: "abort" };

/** What a worker tells the main thread. */
export type FromWorker<Event, Result> =
  | { kind: "event"; event: Event }
  | { kind: "result"; result: Result }
  | { kind: "stopped" }
  | {
    kind: "error";
    name: string;
    message: string;
    stack?: string;
    code?: string;
  };
