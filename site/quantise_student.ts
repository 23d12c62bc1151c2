import { quantiseWeights } from "../core/compress/quantise/quantise_weights.ts";
import type { FloatArray } from "../core/files/safetensors.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../core/infer/encoded_tensor.ts";
import { roundToHalf } from "../core/infer/half.ts";
import { modelCost } from "../core/models/cost.ts";
import { type ModelSpec, withoutDropout } from "../core/models/spec.ts";

/** Bits of weights that are few, or the same in all students of a teacher. */
const MOST_BITS = 8;

/** `weights` as float16s, as a file holds them. */
export function halveWeights(weights: FloatArray[]): EncodedTensor[] {
  return weights.map(({ shape, values }) => ({
    kind: "float",
    shape,
    bits: 16,
    values: values.map((value) => roundToHalf(value)),
  }));
}

/**
 * A student of the sweep in the form in which a file holds it, without training any
 * more: the kernel of its hidden layer, nearly all of its weights, uniformly to
 * `bits` bits, other kernels to 8, each channel with its own step; biases as
 * float16s.
 *
 * Throws a `RangeError` where bits are no integer from 1 to 8.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../core/models/initialise.ts";
 * import { studentSpec } from "../core/models/student.ts";
 * import { quantiseStudent } from "./quantise_student.ts";
 *
 * const spec = studentSpec({ hidden: 1 });
 * const { tensors } = quantiseStudent({ spec, weights: initialWeights(spec, 1) }, { bits: 4, labels: [..."0123456789"] });
 * assertEquals(tensors.map((tensor) => "bits" in tensor && tensor.bits), [8, 16, 8, 16, 4, 16, 8, 16]);
 * ```
 */
export function quantiseStudent(
  { spec, weights }: { spec: ModelSpec; weights: FloatArray[] },
  { bits, labels }: { bits: number; labels: string[] },
): EncodedModel {
  const weighed = modelCost(spec).layers
    .filter((layer) => layer.weights.length > 0);
  const hidden = weighed.findIndex(({ layer }) => layer.kind === "dense");
  const kernels = weighed.map((_, index) => weights[2 * index]);
  const quantised = quantiseWeights(
    kernels,
    kernels.map((_, index) => ({
      kind: "uniform",
      bits: index === hidden ? bits : MOST_BITS,
      perChannel: true,
      powerOfTwo: false,
    })),
  );
  const biases = halveWeights(
    weighed.map((_, index) => weights[2 * index + 1]),
  );
  return {
    spec: withoutDropout(spec),
    labels,
    tensors: quantised.flatMap(({ tensor }, index) => [tensor, biases[index]]),
  };
}
