import type { Place } from "./nearest_point.ts";

/** Which way each key goes: along which axis, and how many points. */
const MOVES = {
  ArrowRight: { axis: "x", step: 1 },
  ArrowLeft: { axis: "x", step: -1 },
  ArrowUp: { axis: "y", step: -1 },
  ArrowDown: { axis: "y", step: 1 },
  Home: { axis: "x", step: -Infinity },
  End: { axis: "x", step: Infinity },
} as const;

function isMove(key: string): key is keyof typeof MOVES {
  return key in MOVES;
}

/**
 * The point that the arrow keys, Home and End lead to from `current`: left and right
 * go through all points in the order of x, up and down in the order of y. Null for
 * any other key.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stepPoint } from "./step_point.ts";
 *
 * const places = [{ key: "a", x: 0, y: 0 }, { key: "b", x: 9, y: 0 }, { key: "c", x: 5, y: 7 }];
 * assertEquals(stepPoint(places, "a", "ArrowRight"), "c");
 * assertEquals(stepPoint(places, "a", "End"), "b");
 * assertEquals(stepPoint(places, "a", "Enter"), null);
 * ```
 */
export function stepPoint(
  places: readonly Place[],
  current: string,
  key: string,
): string | null {
  if (!isMove(key)) return null;
  const { axis, step } = MOVES[key];
  const other = axis === "x" ? "y" : "x";
  const sorted = places.toSorted((a, b) =>
    a[axis] - b[axis] || a[other] - b[other]
  );
  const index = sorted.findIndex((place) => place.key === current);
  const next = Math.min(sorted.length - 1, Math.max(0, index + step));
  return sorted[next]?.key ?? null;
}
