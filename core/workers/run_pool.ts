/**
 * Runs `work` over `items`, at most `width` at a time, starting them in order;
 * results come in the order of the items. The first error stops the starting of
 * further items, and is thrown when those under way have settled.
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
  items: Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failure: { error: unknown } | undefined;
  const takeItems = async () => {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        results[index] = await work(items[index]);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, takeItems));
  if (failure) throw failure.error;
  return results;
}
