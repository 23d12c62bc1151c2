/**
 * `places`, ascending, pushed apart to at least `gap`, and none above `most` if
 * all fit below it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spreadLabels } from "./spread_labels.ts";
 *
 * assertEquals(spreadLabels([0, 1, 9, 10], 2, 10), [0, 2, 8, 10]);
 * ```
 */
export function spreadLabels(
  places: number[],
  gap: number,
  most: number,
): number[] {
  let below = -Infinity;
  const upwards = places.map((place) => below = Math.max(place, below + gap));
  return upwards.map((place, index) =>
    Math.min(place, most - gap * (places.length - 1 - index))
  );
}
