import type { FloatArray } from "../../files/safetensors.ts";

/**
 * The entries of `array` at `indices` of one `axis`, in that order: its extent
 * becomes `indices.length`. Throws a `RangeError` for an index out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectAxis } from "./select_axis.ts";
 *
 * const matrix = { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
 * assertEquals(selectAxis(matrix, 1, [2, 0]).values, Float32Array.of(3, 1, 6, 4));
 * ```
 */
export function selectAxis(
  { shape, values }: FloatArray,
  axis: number,
  indices: readonly number[],
): FloatArray {
  const extent = shape[axis];
  for (const index of indices) {
    if (!(Number.isInteger(index) && index >= 0 && index < extent)) {
      throw new RangeError(
        `Cannot select along axis ${axis}: each index must be an integer from 0 to ${
          extent - 1
        }: current value is ${index}`,
      );
    }
  }
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const selected = new Float32Array(outer * indices.length * inner);
  let to = 0;
  for (let block = 0; block < outer; block++) {
    for (const index of indices) {
      const from = (block * extent + index) * inner;
      selected.set(values.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { shape: shape.with(axis, indices.length), values: selected };
}
