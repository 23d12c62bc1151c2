import type { FloatArray } from "../../files/safetensors.ts";
import { decodeTensor } from "../../infer/decode_tensor.ts";
import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import type { UniformConstraint } from "../../train/constraints/constraint.ts";
import { encodeWeights } from "../../train/constraints/encode_weights.ts";
import { startVariables } from "../../train/constraints/start_variables.ts";
import { measureError, type RoundingError } from "./measure_error.ts";

/** A tensor that was quantised, and what that did to its weights. */
export interface QuantisedTensor {
  /** As a file holds it. */
  tensor: EncodedTensor;
  /** Between the weights and what is decoded of the tensor. */
  error: RoundingError;
}

/**
 * Quantises each of `weights` uniformly after training, without any more of it: the
 * nearest levels, with the step sizes of least squared error for 1 to 8 bits, per
 * tensor or per channel, powers of two if asked for; pruned weights stay 0.
 *
 * Throws a `RangeError` where a form doesn't go with its weight.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantiseWeights } from "./quantise_weights.ts";
 *
 * const weight = { shape: [3], values: Float32Array.of(-0.75, 0.25, 0.5) };
 * const form = { kind: "uniform", bits: 3, perChannel: false, powerOfTwo: true } as const;
 * const [{ tensor, error }] = quantiseWeights([weight], [form]);
 * assertEquals(tensor, {
 *   kind: "uniform",
 *   shape: [3],
 *   bits: 3,
 *   scale: Float32Array.of(0.25),
 *   levels: Int8Array.of(-3, 1, 2),
 * });
 * assertEquals(error.largest, 0);
 * ```
 */
export function quantiseWeights(
  weights: FloatArray[],
  forms: UniformConstraint[],
): QuantisedTensor[] {
  const variables = startVariables(weights, forms);
  const shapes = weights.map(({ shape }) => shape);
  return encodeWeights(forms, shapes, variables).map((tensor, index) => ({
    tensor,
    error: measureError(weights[index].values, decodeTensor(tensor).values),
  }));
}
