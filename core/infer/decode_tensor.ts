import type { FloatArray } from "../files/safetensors.ts";
import type { EncodedTensor } from "./encoded_tensor.ts";

/**
 * The weights of `tensor`, row-major: levelᵢ · scale (that of i's channel, its
 * last index, where there are several), codebook[indexᵢ], or the numbers
 * themselves; products are rounded to float32.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeTensor } from "./decode_tensor.ts";
 *
 * const tensor = decodeTensor({
 *   kind: "uniform",
 *   shape: [2, 2],
 *   bits: 3,
 *   scale: Float32Array.of(0.5, 0.25),
 *   levels: Int8Array.of(1, -4, 0, 3),
 * });
 * assertEquals(tensor, { shape: [2, 2], values: Float32Array.of(0.5, -1, 0, 0.75) });
 * ```
 */
export function decodeTensor(tensor: EncodedTensor): FloatArray {
  const { shape } = tensor;
  switch (tensor.kind) {
    case "float":
      return { shape, values: tensor.values };
    case "uniform": {
      const { levels, scale } = tensor;
      const values = new Float32Array(levels.length);
      for (let i = 0; i < values.length; i++) {
        values[i] = levels[i] * scale[i % scale.length];
      }
      return { shape, values };
    }
    case "codebook": {
      const { codebook, indices } = tensor;
      const values = new Float32Array(indices.length);
      for (let i = 0; i < values.length; i++) values[i] = codebook[indices[i]];
      return { shape, values };
    }
  }
}
