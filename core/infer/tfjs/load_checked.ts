import {
  assertDeviceHealthy,
  confirmDeviceHealthy,
} from "../../device/health.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import type { ModelSpec } from "../../models/spec.ts";
import * as tf from "../../tf_core.ts";
import { checkWeights, maySumsOverflow } from "../check_weights.ts";
import { decodeTensor } from "../decode_tensor.ts";
import type { EncodedModel } from "../encoded_tensor.ts";
import { type DirectModel, prepareDirect } from "../load.ts";
import { forwardFused } from "./forward_fused.ts";
import {
  classifyInBatches,
  type OwnImages,
  type TfjsModel,
} from "./tfjs_model.ts";

/** Of the largest logit: float32 sums differ by some 1e-6, wrong shaders by 1. */
const TOLERANCE = 1e-3;

/** The weights on the current backend, and the classification that uses them. */
function putOnBackend(
  { spec, labels, classify }: DirectModel,
  weights: FloatArray[],
): TfjsModel {
  // A relu on a GPU may make a 0 of a NaN: the processor finds sums that overflow.
  const byProcessor = maySumsOverflow(weights);
  const backend = tf.backend();
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const feed = async (pixels: OwnImages, count: number) => {
    if (tf.backend() !== backend) {
      throw new Error(
        `Cannot classify with ${spec.name}: it was loaded on a backend that is no longer in use: load it again`,
      );
    }
    const scale = pixels instanceof Uint8Array ? 255 : 1;
    const values = Float32Array.from(pixels, (pixel) => pixel / scale);
    const output = tf.tidy(() =>
      forwardFused(
        spec.layers,
        tensors,
        tf.tensor(values, [count, ...spec.input]),
      )
    );
    try {
      return await output.data();
    } finally {
      output.dispose();
    }
  };
  return {
    spec,
    labels,
    async classify(images) {
      if (byProcessor) return classify(images);
      try {
        const classification = await classifyInBatches(spec, images, feed);
        assertDeviceHealthy();
        return classification;
      } catch (error) {
        // What became of the device says more, and comes a turn later.
        await confirmDeviceHealthy();
        throw error;
      }
    },
    [Symbol.dispose]: () => tf.dispose(tensors),
  };
}

/** An image without pattern, in which no pixel is like its neighbours. */
function testImage({ input }: ModelSpec): Float32Array {
  const size = input.reduce((a, b) => a * b);
  return Float32Array.from({ length: size }, (_, i) => (i * 73 % 101) / 100);
}

/**
 * Puts what a `.dram` file holds on the current backend, and classifies one image
 * with it: shaders are compiled by then, and gave what the direct path gives. GPUs
 * have given zeros for shaders that their drivers can't compile, of some sizes only.
 *
 * Throws what {@linkcode prepareDirect} throws, and an `Error` where the results
 * differ.
 */
export async function loadEncodedChecked(
  { spec, labels, tensors }: EncodedModel,
): Promise<TfjsModel> {
  const weights = tensors.map(decodeTensor);
  checkWeights(spec, weights);
  const image = testImage(spec);
  const direct = prepareDirect(spec, weights, labels);
  const expected = direct.classify(image).logits;
  const model = putOnBackend(direct, weights);
  try {
    const { logits } = await model.classify(image);
    const largest = expected.reduce(
      (most, z) => Math.max(most, Math.abs(z)),
      0,
    );
    const alike = expected.every((z, i) =>
      Math.abs(z - logits[i]) <= TOLERANCE * (1 + largest)
    );
    if (alike) return model;
    throw new Error(
      `Cannot run ${spec.name} on ${tf.getBackend()}: its results must be those of the processor: they differ: use the CPU`,
    );
  } catch (error) {
    model[Symbol.dispose]();
    throw error;
  }
}
