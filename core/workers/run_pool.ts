/**
 * Runs `work` over `items`, at most `width` at a time, starting them in order;
 * results come in the order of the items. The first error stops the starting of
 * further items, and is thrown when those under way have settled. Items may be made
 * as they are taken, of what those before came to: one is asked for when there is
 * somebody to work on it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { runPool } from "./run_pool.ts";
 *
 * assertEquals(await runPool([1, 2, 3], 2, (n) => Promise.resolve(n * n)), [1, 4, 9]);
 * ```
 */
export async function runPool<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const iterator = Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
  let count = 0;
  let failure: { error: unknown } | undefined;
  const takeItems = async () => {
    while (!failure) {
      try {
        const next = await iterator.next();
        // Another one may have failed while this was waited for.
        if (next.done || failure) return;
        const index = count++;
        results[index] = await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, takeItems));
  if (failure) throw failure.error;
  return results;
}
