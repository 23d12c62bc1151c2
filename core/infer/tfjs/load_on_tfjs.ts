import { confirmDeviceHealthy } from "../../device/health.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { unpackPixels } from "../../kernels/unpack_pixels/op.ts";
import { forward } from "../../models/forward.ts";
import { checkSpec, type ModelSpec } from "../../models/spec.ts";
import * as tf from "../../tf.ts";
import { checkWeights, maySumsOverflow } from "../check_weights.ts";
import { decodeDram, type DramOptions } from "../decode_dram.ts";
import { decodeTensor } from "../decode_tensor.ts";
import type { EncodedModel } from "../encoded_tensor.ts";
import { prepareDirect } from "../load.ts";
import {
  classifyInBatches,
  type OwnImages,
  type TfjsModel,
} from "./tfjs_model.ts";

export type { TfjsModel };

/**
 * Puts `weights`, in the order of `weightShapes`, on the current backend. Throws a
 * `RangeError` where `spec` is unusable, or the weights are not its.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { prepareOnTfjs } from "./load_on_tfjs.ts";
 *
 * await selectBackend("wasm");
 * const spec = parseLayers("pool2,conv3x4,mean");
 * using model = prepareOnTfjs(spec, initialWeights(spec, 1), [..."0123456789"]);
 * const { logits } = await model.classify(new Float32Array(784));
 * assertEquals(logits, new Float32Array(10)); // biases begin at 0
 * ```
 */
export function prepareOnTfjs(
  spec: ModelSpec,
  weights: FloatArray[],
  labels: string[],
): TfjsModel {
  checkSpec(spec);
  checkWeights(spec, weights);
  // A relu on a GPU may make a 0 of a NaN: the processor finds sums that overflow.
  const direct = maySumsOverflow(weights) &&
    prepareDirect(spec, weights, labels);
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const feed = async (pixels: OwnImages, count: number) => {
    const output = tf.tidy(() => {
      const shape: [number, number, number, number] = [count, ...spec.input];
      const x = pixels instanceof Uint8Array
        ? unpackPixels(pixels, shape)
        : tf.tensor(pixels, shape);
      return forward(spec.layers, tensors, x);
    });
    const logits = await output.data();
    output.dispose();
    return logits;
  };
  return {
    spec,
    labels,
    async classify(images) {
      if (direct) return direct.classify(images);
      const classification = await classifyInBatches(spec, images, feed);
      // Only a GPU fails unseen, and to wait for its word takes a millisecond.
      if (tf.getBackend() === "webgpu") await confirmDeviceHealthy();
      return classification;
    },
    [Symbol.dispose]: () => tf.dispose(tensors),
  };
}

/**
 * Puts the weights of what a `.dram` file holds on the current backend. Throws what
 * {@linkcode prepareOnTfjs} throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { smallModel } from "../../../tests/core/infer/small_model.ts";
 * import { loadEncodedOnTfjs } from "./load_on_tfjs.ts";
 *
 * await selectBackend("wasm");
 * using model = loadEncodedOnTfjs(smallModel());
 * const { classes } = await model.classify(new Uint8Array(3 * 784));
 * assertEquals(classes.length, 3);
 * ```
 */
export function loadEncodedOnTfjs(
  { spec, labels, tensors }: EncodedModel,
): TfjsModel {
  return prepareOnTfjs(spec, tensors.map(decodeTensor), labels);
}

/**
 * Reads a `.dram` file, and puts its model on tfjs's current backend: for batches,
 * and for models that are large.
 *
 * Throws what `load` throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../../device/select_backend.ts";
 * import { smallDram } from "../../../tests/core/infer/small_model.ts";
 * import { loadOnTfjs } from "./load_on_tfjs.ts";
 *
 * await selectBackend("wasm");
 * using model = loadOnTfjs(smallDram()); // of MNIST's images, untrained
 * const { classes } = await model.classify(new Uint8Array(300 * 784));
 * assertEquals(classes.length, 300);
 * ```
 */
export function loadOnTfjs(
  bytes: Uint8Array,
  options: DramOptions = {},
): TfjsModel {
  return loadEncodedOnTfjs(decodeDram(bytes, options));
}
