import { assertEquals, assertRejects } from "@std/assert";
import { runPool } from "../../../core/workers/run_pool.ts";
import { fc } from "../../seeded_check.ts";

const wait = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

/** Runs `delays` in a pool; tells the order of starts and the most at a time. */
async function observe(delays: number[], width: number) {
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const items = delays.map((delay, index) => ({ delay, index }));
  const results = await runPool(items, width, async ({ delay, index }) => {
    started.push(index);
    most = Math.max(most, ++running);
    await wait(delay);
    running--;
    return index * 10;
  });
  return { results, started, most };
}

Deno.test("runPool gives results in the items' order, whichever ends first", async () => {
  const { results } = await observe([20, 1, 10, 0], 4);
  assertEquals(results, [0, 10, 20, 30]);
});

Deno.test("runPool starts items in order, never more than its width at a time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (delays, width) => {
        const { started, most } = await observe(delays, width);
        assertEquals(started, delays.map((_, index) => index));
        assertEquals(most, Math.min(width, delays.length));
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("runPool works one at a time where the width is 0", async () => {
  assertEquals((await observe([1, 1], 0)).most, 1);
});

Deno.test("runPool gives nothing for no items", async () => {
  assertEquals(await runPool([], 2, () => Promise.resolve(1)), []);
});

Deno.test("runPool asks what makes items for the next when one is done, which may be made of that", async () => {
  const log: string[] = [];
  let done = 0;
  const items = async function* () {
    for (let item = 1; item <= 3; item++) {
      log.push(`${item} made of ${done}`);
      yield await Promise.resolve(item);
    }
  };
  const results = await runPool(items(), 1, async (item) => {
    await wait(1);
    log.push(`${item} done`);
    done++;
    return item;
  });
  assertEquals(results, [1, 2, 3]);
  assertEquals(
    log,
    [1, 2, 3].flatMap((
      item,
    ) => [`${item} made of ${item - 1}`, `${item} done`]),
  );
});

Deno.test("runPool throws what goes wrong while an item is made", async () => {
  const items = async function* () {
    yield await Promise.resolve(1);
    throw new Error("out of ideas");
  };
  await assertRejects(
    () => runPool(items(), 2, (item) => Promise.resolve(item)),
    Error,
    "out of ideas",
  );
});

Deno.test("runPool starts nothing after an error, and throws the first when all under way have settled", async () => {
  const settled: number[] = [];
  await assertRejects(
    () =>
      runPool([0, 1, 2, 3], 2, async (item) => {
        await wait(item === 0 ? 20 : 1);
        settled.push(item);
        if (item <= 1) throw new Error(`item ${item}`);
      }),
    Error,
    "item 1",
  );
  assertEquals(settled, [1, 0], "items 2 and 3 never began");
});
