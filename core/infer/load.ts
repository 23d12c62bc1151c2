import type { FloatArray } from "../files/safetensors.ts";
import { isInteger } from "../models/integer.ts";
import { checkSpec, type ModelSpec } from "../models/spec.ts";
import { decodeDram, type DramOptions } from "./decode_dram.ts";
import { decodeTensor } from "./decode_tensor.ts";
import { prepareIntegers } from "./direct/integer_steps.ts";
import { WIDE_STEPS } from "./direct/wide_steps.ts";
import type { EncodedModel } from "./encoded_tensor.ts";
import { type DirectModel, prepareModel } from "./prepare_model.ts";

export type { DirectModel };

/**
 * Makes `spec` with `weights`, in the order of `weightShapes`, ready to classify.
 *
 * Throws a `RangeError` where `spec` is unusable, or the weights are not its.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { initialWeights } from "../models/initialise.ts";
 * import { parseLayers } from "../models/parse_layers.ts";
 * import { prepareDirect } from "./load.ts";
 *
 * const spec = parseLayers("pool2,conv3x4,mean");
 * const model = prepareDirect(spec, initialWeights(spec, 1), [..."0123456789"]);
 * assertEquals(model.classify(new Float32Array(784)).logits, new Float32Array(10)); // biases begin at 0
 * ```
 */
export function prepareDirect(
  spec: ModelSpec,
  weights: FloatArray[],
  labels: string[],
): DirectModel {
  checkSpec(spec);
  if (isInteger(spec.layers)) return prepareIntegers(spec, weights, labels);
  return prepareModel(spec, weights, { labels, wide: WIDE_STEPS });
}

/**
 * Makes what a `.dram` file holds ready to classify. Throws what
 * {@linkcode prepareDirect} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram, smallModel } from "../../tests/core/infer/small_model.ts";
 * import { load, loadEncoded } from "./load.ts";
 *
 * const image = new Uint8Array(784).fill(128);
 * assertEquals(loadEncoded(smallModel()).classify(image), load(smallDram()).classify(image));
 * ```
 */
export function loadEncoded(
  { spec, labels, tensors }: EncodedModel,
): DirectModel {
  return prepareDirect(spec, tensors.map(decodeTensor), labels);
}

/**
 * Reads a `.dram` file, and makes its model ready to classify images on the
 * processor in plain TypeScript: sums in float64, one image after another, in a
 * workspace that is allocated once. For one image of a small model this is faster
 * than a framework; for many images of a large one, see `loadOnTfjs`.
 *
 * Throws a `SyntaxError` where the bytes are no `.dram` file, and a `RangeError`
 * where it costs more than `budget`, or what `DRAM_BUDGET` says.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram } from "../../tests/core/infer/small_model.ts";
 * import { load } from "./load.ts";
 *
 * const model = load(smallDram()); // of MNIST's images, untrained
 * const { classes, probabilities } = model.classify(new Uint8Array(2 * 784));
 * assertEquals([classes.length, probabilities.length], [2, 20]);
 * assertEquals(model.labels[3], "3");
 * ```
 */
export function load(
  bytes: Uint8Array,
  options: DramOptions = {},
): DirectModel {
  return loadEncoded(decodeDram(bytes, options));
}
