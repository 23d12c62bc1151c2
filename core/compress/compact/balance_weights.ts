import type { Examples } from "../../data/dataset.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { forward } from "../../models/forward.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import { toTensor } from "../../train/training_state.ts";
import * as tf from "../../tf.ts";
import { firstImages } from "./first_images.ts";

/** Images that weights are balanced by: deviations hardly change with more. */
const IMAGES = 512;

/** Deviation up to which a channel counts as the same for every image. */
const LEAST_DEVIATION = 1e-6;

/**
 * `weights` of `spec`, kernels scaled and biases moved so that over the first images the sums z
 * of each channel c of each layer have mean 0 and variance 1: w ← w / σ(z_c),
 * b ← (b − μ(z_c)) / σ(z_c). The last layer's, the logits, are scaled together, and keep their
 * means. A channel that is the same for every image keeps its scale.
 *
 * Layers follow one another, each on what those before make by then. That is where batch
 * normalisation would have a training begin, without anything in the steps or in the file; it
 * bears several times the learning rate that weights drawn by a rule of their shapes do.
 *
 * On the current backend; equal weights, equal result.
 *
 * Source: Mishkin and Matas, "All you need is a good init", 2016, by channels and with their means
 * as Salimans and Kingma, "Weight normalization", 2016, section 3, have it.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { makeBars } from "../../../tests/core/bars.ts";
 * import { useWasm } from "../../device/wasm.ts";
 * import { initialWeights } from "../../models/initialise.ts";
 * import { parseLayers } from "../../models/parse_layers.ts";
 * import { balanceWeights } from "./balance_weights.ts";
 *
 * await useWasm();
 * const { train, shape, classes } = makeBars();
 * const spec = parseLayers("conv3x2,max2", { input: shape, classes });
 * const drawn = initialWeights(spec, 1);
 * const [kernel] = await balanceWeights(spec, drawn, train);
 * // Of each channel all weights are scaled by one factor.
 * const factor = kernel.values[0] / drawn[0].values[0];
 * assertAlmostEquals(kernel.values[2], factor * drawn[0].values[2], 1e-5);
 * ```
 */
export async function balanceWeights(
  spec: ModelSpec,
  weights: FloatArray[],
  examples: Examples,
): Promise<FloatArray[]> {
  const balanced = [...weights];
  const logits = spec.layers.findLast(({ kind }) =>
    kind === "conv2d" || kind === "depthwiseConv2d" || kind === "dense"
  );
  let used = 0;

  /** Balances the weights of `layers`, which read `x`, and gives what they make then. */
  const walk = async (
    layers: LayerSpec[],
    x: tf.Tensor,
  ): Promise<tf.Tensor> => {
    let now = tf.clone(x);
    for (const layer of layers) {
      const first = used;
      switch (layer.kind) {
        case "conv2d":
        case "depthwiseConv2d":
        case "dense": {
          used += 2;
          const drawn = balanced.slice(first, used);
          const made = tf.tidy(() =>
            forward(
              [{ ...layer, activation: "linear" }],
              drawn.map(toTensor),
              now,
            )
          );
          const sums = await made.data<"float32">();
          made.dispose();
          const own = balanceLayer(drawn, sums, layer === logits);
          balanced.splice(first, own.length, ...own);
          break;
        }
        case "residual":
          tf.dispose(await walk(layer.layers, now));
          break;
        case "maxPool2d":
        case "averagePool2d":
        case "globalMaxPool2d":
        case "globalAveragePool2d":
        case "flatten":
        case "dropout":
        case "softmax":
          break;
        default:
          layer satisfies never;
      }
      const next = tf.tidy(() =>
        forward([layer], balanced.slice(first, used).map(toTensor), now)
      );
      now.dispose();
      now = next;
    }
    return now;
  };

  const x = firstImages(examples, IMAGES);
  try {
    tf.dispose(await walk(spec.layers, x));
    return balanced;
  } finally {
    x.dispose();
  }
}

/** Mean and variance of each of `channels` of `sums` `[…, channels]`. */
function channelMoments(sums: Float32Array, channels: number) {
  const count = sums.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    let [sum, squares] = [0, 0];
    for (let i = channel; i < sums.length; i += channels) sum += sums[i];
    const mean = sum / count;
    for (let i = channel; i < sums.length; i += channels) {
      squares += (sums[i] - mean) ** 2;
    }
    return { mean, variance: squares / count };
  });
}

/** Kernel and bias scaled and moved by what they made, `sums`; scaled by one factor where they are taken `together`. */
function balanceLayer(
  [kernel, bias]: FloatArray[],
  sums: Float32Array,
  together: boolean,
): FloatArray[] {
  const channels = bias.values.length;
  const moments = channelMoments(sums, channels);
  const meanVariance =
    moments.reduce((sum, { variance }) => sum + variance, 0) / channels;
  const factors = moments.map(({ variance }) => {
    const deviation = Math.sqrt(together ? meanVariance : variance);
    return deviation > LEAST_DEVIATION ? 1 / deviation : 1;
  });
  return [
    {
      shape: kernel.shape,
      values: kernel.values.map((weight, i) => weight * factors[i % channels]),
    },
    {
      shape: bias.shape,
      values: bias.values.map((each, channel) =>
        (together ? each : each - moments[channel].mean) * factors[channel]
      ),
    },
  ];
}
