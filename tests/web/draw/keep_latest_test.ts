import { assertEquals } from "@std/assert";
import { keepLatest } from "../../../web/components/draw/keep_latest.ts";

/** Lets everything that is ready go on. */
const settle = () => new Promise((done) => setTimeout(done));

Deno.test("work is never done twice at once, and what was asked for last is done", async () => {
  const finish: (() => void)[] = [];
  const seen: number[] = [];
  let value = 0;
  const ask = keepLatest(() => {
    seen.push(value);
    return new Promise<void>((done) => finish.push(done));
  }, queueMicrotask);
  for (value = 1; value <= 5; value++) {
    ask();
    await settle(); // The first is under way; four more are asked for meanwhile.
  }
  assertEquals(seen, [1]);
  finish[0]();
  await settle();
  assertEquals(seen, [1, 6]);
  finish[1]();
  await settle();
  assertEquals(seen, [1, 6]);
});

Deno.test("work waits until it is scheduled, once for all that ask", async () => {
  const scheduled: (() => void)[] = [];
  let runs = 0;
  const ask = keepLatest(
    () => Promise.resolve(runs++),
    (run) => scheduled.push(run),
  );
  ask();
  ask();
  assertEquals([scheduled.length, runs], [1, 0]);
  scheduled[0]();
  await settle();
  assertEquals([scheduled.length, runs], [1, 1]);
});
