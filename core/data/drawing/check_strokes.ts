import type { Stroke } from "./drawing.ts";

/**
 * Throws a `RangeError` that begins with `action` unless every coordinate of
 * `strokes` is finite.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkStrokes } from "./check_strokes.ts";
 *
 * const strokes = [{ points: [{ x: NaN, y: 1 }] }];
 * assertThrows(() => checkStrokes(strokes, "Cannot draw"), RangeError, "point 0 of stroke 0 is (NaN, 1)");
 * ```
 */
export function checkStrokes(strokes: Stroke[], action: string): void {
  strokes.forEach(({ points }, stroke) =>
    points.forEach(({ x, y }, point) => {
      if (Number.isFinite(x) && Number.isFinite(y)) return;
      throw new RangeError(
        `${action}: coordinates must be finite: point ${point} of stroke ${stroke} is (${x}, ${y})`,
      );
    })
  );
}
