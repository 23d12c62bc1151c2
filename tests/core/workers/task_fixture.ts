/**
 * A worker for run_in_worker_test.ts, which does what its task is called.
 *
 * @module
 */
import { serveTask } from "../../../core/workers/serve_task.ts";

/** What the worker can be asked to do. */
export type Task = "add" | "fail" | "fail oddly" | "wait" | "save and fail";

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

serveTask<Task, number, Float32Array>(async (task, { emit, signal }) => {
  if (task === "fail") throw new RangeError("Cannot do it: it is too much");
  if (task === "fail oddly") throw "a text";
  if (task === "add") {
    emit(1);
    await wait(1);
    emit(2);
    return Float32Array.of(1, 2, 3);
  }
  emit(0);
  while (!signal.aborted) await wait(5);
  emit(1); // as one that saves what it has
  if (task === "save and fail") throw new Error("the disk is full");
  throw signal.reason;
});
