/**
 * Those of `items` that no other of the same or a smaller size matches in
 * accuracy, smallest first: the steps of a frontier.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keepImproving } from "./keep_improving.ts";
 *
 * const points = [[300, 0.9], [200, 0.8], [400, 0.85]];
 * assertEquals(keepImproving(points, ([size]) => size, ([, accuracy]) => accuracy), [[200, 0.8], [300, 0.9]]);
 * ```
 */
export function keepImproving<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  accuracyOf: (item: Item) => number,
): Item[] {
  const sorted = items.toSorted((a, b) =>
    sizeOf(a) - sizeOf(b) || accuracyOf(b) - accuracyOf(a)
  );
  let best = -Infinity;
  return sorted.filter((item) => {
    if (accuracyOf(item) <= best) return false;
    best = accuracyOf(item);
    return true;
  });
}
