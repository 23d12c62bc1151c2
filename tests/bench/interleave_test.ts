import { assertEquals, assertRejects } from "@std/assert";
import { interleave } from "../../bench/interleave.ts";

/** Contestants that each take their own time of a clock that only they move. */
function race(times: Record<string, number>) {
  let time = 0;
  const order: string[] = [];
  const contestants = Object.entries(times).map(([name, milliseconds]) => ({
    run: () => {
      order.push(name);
      time += milliseconds;
      return Promise.resolve(milliseconds);
    },
  }));
  return { order, contestants, now: () => time };
}

const THRICE = { least: 3, most: 3, budget: 0 };

Deno.test("contestants take turns, after two runs each that don't count", async () => {
  const { order, contestants, now } = race({ a: 5, b: 7 });
  const outcomes = await interleave(contestants, THRICE, { now });
  assertEquals(order.join(""), "aabb" + "ababab");
  assertEquals(outcomes, [
    { milliseconds: [5, 5, 5] },
    { milliseconds: [7, 7, 7] },
  ]);
});

Deno.test("a slow contestant prepares once, and has fewer runs, but never fewer than the least", async () => {
  const { order, contestants, now } = race({ fast: 10, slow: 4000 });
  const outcomes = await interleave(
    contestants,
    { least: 3, most: 9, budget: 1000 },
    { now },
  );
  const counts = outcomes.map((outcome) =>
    "error" in outcome ? 0 : outcome.milliseconds.length
  );
  assertEquals(counts, [9, 3]);
  assertEquals(order.slice(0, 5), ["fast", "fast", "slow", "fast", "slow"]);
});

Deno.test("runs beyond the least end before they exceed their budget", async () => {
  const { contestants, now } = race({ a: 300 });
  const [outcome] = await interleave(
    contestants,
    { least: 1, most: 9, budget: 1000 },
    { now },
  );
  assertEquals(outcome, { milliseconds: [300, 300, 300] });
});

Deno.test("one that throws is out, with its error, and the others go on", async () => {
  const { contestants, now } = race({ a: 1, b: 1 });
  const error = new Error("out");
  let runs = 0;
  const failing = {
    run: () => ++runs < 4 ? Promise.resolve(1) : Promise.reject(error),
  };
  const outcomes = await interleave(
    [contestants[0], failing, contestants[1]],
    THRICE,
    { now },
  );
  assertEquals(outcomes, [
    { milliseconds: [1, 1, 1] },
    { error },
    { milliseconds: [1, 1, 1] },
  ]);
  assertEquals(runs, 4);
});

Deno.test("aborting stops between two runs", async () => {
  const { order, contestants, now } = race({ a: 1 });
  const controller = new AbortController();
  const running = interleave(contestants, THRICE, {
    now,
    signal: controller.signal,
    onRun: () => {
      if (order.length === 2) controller.abort(new Error("stopped"));
    },
  });
  await assertRejects(() => running, Error, "stopped");
  assertEquals(order.length, 3);
});
