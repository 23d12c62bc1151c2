import { confirmDeviceHealthy } from "../../device/health.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { unpackPixels } from "../../kernels/ops/unpack_pixels.ts";
import { classCount, modelCost } from "../../models/cost.ts";
import { forward } from "../../models/forward.ts";
import type { ModelSpec } from "../../models/spec.ts";
import * as tf from "../../tf.ts";
import { checkWeights } from "../check_weights.ts";
import { type Classification, classifyLogits } from "../classification.ts";
import { countImages, type Images } from "../count_images.ts";
import { decodeDram } from "../decode_dram.ts";
import { decodeTensor } from "../decode_tensor.ts";
import type { EncodedModel } from "../encoded_tensor.ts";

/** Images at a time, and numbers of a layer's output for them: bounds memory. */
const BATCH = 250;
const MOST_NUMBERS = 2 ** 26;

/** A model whose weights lie on the backend that was current when it was loaded. */
export interface TfjsModel extends Disposable {
  /** Its layers. */
  spec: ModelSpec;
  /** What its classes are called. */
  labels: string[];
  /**
   * What `DirectModel.classify` gives, in batches of at most 250. Throws a `RangeError`
   * where the pixels are no whole images, and what became of the device if it
   * failed.
   */
  classify(images: Images): Promise<Classification>;
}

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
  checkWeights(spec, weights);
  const width = classCount(spec);
  const largest = modelCost(spec).layers.reduce(
    (most, { activationBytes }) => Math.max(most, activationBytes / 4),
    spec.input.reduce((a, b) => a * b),
  );
  const batch = Math.max(
    1,
    Math.min(BATCH, Math.floor(MOST_NUMBERS / largest)),
  );
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const feed = (
    pixels: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
    count: number,
  ) =>
    tf.tidy(() => {
      const shape: [number, number, number, number] = [count, ...spec.input];
      const x = pixels instanceof Uint8Array
        ? unpackPixels(pixels, shape)
        : tf.tensor(pixels, shape);
      return forward(spec.layers, tensors, x);
    });
  return {
    spec,
    labels,
    async classify(images) {
      const count = countImages(spec, images);
      const size = images.length / count;
      const logits = new Float32Array(count * width);
      for (let first = 0; first < count; first += batch) {
        const last = Math.min(count, first + batch);
        const part = images.slice(first * size, last * size);
        const output = feed(part, last - first);
        logits.set(await output.data(), first * width);
        output.dispose();
      }
      // Only a GPU fails unseen, and to wait for its word takes a millisecond.
      if (tf.getBackend() === "webgpu") await confirmDeviceHealthy();
      return classifyLogits(logits, width);
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
export function loadOnTfjs(bytes: Uint8Array): TfjsModel {
  return loadEncodedOnTfjs(decodeDram(bytes));
}
