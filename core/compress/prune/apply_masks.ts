import type { FloatArray } from "../../files/safetensors.ts";

/**
 * ŵ = w ⊙ m, for each of `weights` and the mask in its place; the arrays given
 * stay as they are. Throws a `RangeError` where a mask has another length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyMasks } from "./apply_masks.ts";
 *
 * const [masked] = applyMasks([{ shape: [2], values: Float32Array.of(3, 4) }], [Uint8Array.of(0, 1)]);
 * assertEquals(masked.values, Float32Array.of(0, 4));
 * ```
 */
export function applyMasks(
  weights: FloatArray[],
  masks: Uint8Array[],
): FloatArray[] {
  return weights.map(({ shape, values }, index) => {
    const mask = masks[index];
    if (mask?.length !== values.length) {
      throw new RangeError(
        `Cannot mask weight ${index}: its mask must have ${values.length} entries: it has ${mask?.length}`,
      );
    }
    return { shape, values: values.map((w, i) => mask[i] ? w : 0) };
  });
}
