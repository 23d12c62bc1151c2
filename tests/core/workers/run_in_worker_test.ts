import { assert, assertEquals, assertRejects } from "@std/assert";
import { runInWorker } from "../../../core/workers/run_in_worker.ts";
import type { Task } from "./task_fixture.ts";

/** Runs `task` in the fixture's worker; `onEvent` is told its events. */
function run(
  task: Task,
  options: { onEvent?: (event: number) => void; signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const url = new URL("task_fixture.ts", import.meta.url);
  return runInWorker<Task, number, Float32Array>(url, task, options);
}

Deno.test("runInWorker gives the worker's result, and its events in order", async () => {
  const events: number[] = [];
  const result = await run("add", { onEvent: (event) => events.push(event) });
  assertEquals(result, Float32Array.of(1, 2, 3));
  assertEquals(events, [1, 2]);
});

Deno.test("runInWorker throws the worker's error, with its name, message and stack", async () => {
  const error = await assertRejects(() => run("fail"), Error);
  assertEquals(error.name, "RangeError");
  assertEquals(error.message, "Cannot do it: it is too much");
  assert(error.stack?.includes("task_fixture.ts"), error.stack);
});

Deno.test("runInWorker throws an error where the worker throws something else", async () => {
  await assertRejects(() => run("fail oddly"), Error, "a text");
});

Deno.test("runInWorker tells the worker of an abort, hears it out, then throws the reason", async () => {
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const events: number[] = [];
  const error = await assertRejects(() =>
    run("wait", {
      signal: controller.signal,
      onEvent: (event) => {
        events.push(event);
        controller.abort(reason);
      },
    })
  );
  assertEquals(error, reason);
  assertEquals(events, [0, 1], "the worker had the time to save");
});

Deno.test("runInWorker throws what went wrong while the worker saved, not the abort's reason", async () => {
  const controller = new AbortController();
  await assertRejects(
    () =>
      run("save and fail", {
        signal: controller.signal,
        onEvent: () => controller.abort(new Error("Ctrl-C")),
      }),
    Error,
    "the disk is full",
  );
});

Deno.test("runInWorker starts nothing when it is aborted before", async () => {
  const reason = new Error("too late");
  const error = await assertRejects(() =>
    run("add", { signal: AbortSignal.abort(reason) })
  );
  assertEquals(error, reason);
});

Deno.test("runInWorker says so where the worker can't even be loaded", async () => {
  for (const file of ["throwing_fixture.ts", "no_such_file.ts"]) {
    await assertRejects(
      () => runInWorker(new URL(file, import.meta.url), "add"),
      Error,
      "Cannot run a worker: ",
    );
  }
});

Deno.test("runInWorker serves several workers at once", async () => {
  const results = await Promise.all([run("add"), run("add"), run("add")]);
  assertEquals(results.map(({ length }) => length), [3, 3, 3]);
});
