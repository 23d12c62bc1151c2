import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { EncodedTensor } from "../../infer/encoded_tensor.ts";

/** The fewest bits whose levels all `values` are; 1 of −1 and 1 alone. */
function levelBits(values: Float32Array): number {
  if (values.every((value) => Math.abs(value) === 1)) return 1;
  const highest = values.reduce(
    (most, value) => Math.max(most, value < 0 ? -value - 1 : value),
    1,
  );
  return Math.floor(Math.log2(highest)) + 2;
}

/** How many times all `values` can be halved and stay integers; 0 of zeros. */
function countHalvings(values: Float32Array): number {
  const all = values.reduce((bits, value) => bits | Math.abs(value), 0);
  return all === 0 ? 0 : 31 - Math.clz32(all & -all);
}

/**
 * The same integers as a file of version 4 holds them: a kernel's are levels of as few bits
 * as they take, a bias's such levels times the largest power of two, or plain integers where
 * these are more than 8 bits.
 *
 * Throws a `RangeError` where a weight is no integer, or one of a kernel has more than 8 bits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalIntegers } from "./canonical_integers.ts";
 *
 * const values = Float32Array.of(8, -24, 0);
 * const tensor = canonicalIntegers({ kind: "float", shape: [3], bits: 32, values });
 * assertEquals(tensor, {
 *   kind: "uniform",
 *   shape: [3],
 *   bits: 3,
 *   scale: Float32Array.of(8),
 *   levels: Int8Array.of(1, -3, 0),
 * });
 * ```
 */
export function canonicalIntegers(tensor: EncodedTensor): EncodedTensor {
  const { shape, values } = decodeTensor(tensor);
  const wrong = values.find((value) => !Number.isInteger(value));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot write a .dram: weights of a model of integers must be integers: current value is ${wrong}`,
    );
  }
  const isKernel = shape.length > 1;
  const halvings = isKernel ? 0 : countHalvings(values);
  const levels = values.map((value) => value / 2 ** halvings);
  const bits = levelBits(levels);
  if (bits <= 8) {
    return {
      kind: "uniform",
      shape,
      bits,
      scale: Float32Array.of(2 ** halvings),
      levels: Int8Array.from(levels),
    };
  }
  if (!isKernel) {
    return {
      kind: "float",
      shape,
      bits: 32,
      values: Float32Array.from(values),
    };
  }
  throw new RangeError(
    `Cannot write a .dram: a kernel of a model of integers must have levels of 8 bits: one takes ${bits}`,
  );
}
