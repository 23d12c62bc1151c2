import {
  assertDeviceHealthy,
  confirmDeviceHealthy,
} from "../../device/health.ts";
import type { FloatArray } from "../../files/safetensors.ts";
import { halfOf, isInteger, mostOf } from "../../models/integer.ts";
import { LEAK } from "../../models/layers/activation.ts";
import type { ActivationFields } from "../../models/layers/layer.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import {
  type AxisWindows,
  windowSpans,
} from "../../models/layers/window_span.ts";
import type { LayerSpec, ModelSpec } from "../../models/spec.ts";
import * as tf from "../../tf_core.ts";
import { maySumsOverflow } from "../check_weights.ts";
import { decodeTensor } from "../decode_tensor.ts";
import { readBytes } from "../direct/integer_steps.ts";
import type { EncodedModel } from "../encoded_tensor.ts";
import { type DirectModel, prepareDirect } from "../load.ts";
import {
  classifyInBatches,
  type OwnImages,
  type TfjsModel,
} from "./tfjs_model.ts";

/** What `name` of the current backend makes of `inputs`. */
function run(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
): tf.Tensor {
  return tf.engine().runKernel<tf.Tensor>(name, inputs, attributes);
}

/** Windows as tfjs's kernels are told of them. */
function configureWindows(windows: readonly AxisWindows[]) {
  return {
    strides: windows.map(({ stride }) => stride),
    // Zeros by our own rule: tfjs's Wasm kernels give zeros only where they are to find
    // it themselves and windows leave gaps.
    pad: [
      [0, 0],
      ...windows.map(({ before, after }) => [before, after]),
      [0, 0],
    ],
    dilations: windows.map(({ dilation }) => dilation),
    dataFormat: "NHWC",
  };
}

function pool(
  name: string,
  x: tf.Tensor,
  windows: readonly AxisWindows[],
): tf.Tensor {
  const filterSize = windows.map(({ size }) => size);
  return run(name, { x }, { ...configureWindows(windows), filterSize });
}

/**
 * Feeds images `x` through `layers` up to, and without, a softmax, each layer with
 * weights as one kernel: activation(x ∗ w + b). `weights` are kernel and bias of each in
 * order. For classifying only: nothing here has a gradient, or drops anything.
 *
 * A model of integers reads bytes, as they are. Asks a backend for seventeen kernels of tfjs's:
 * two convolutions, two products, two pools, a reshape, a sum, a relu, a leaky one, four more
 * activations, and for roundings a floor, a minimum and a maximum.
 */
export function forwardFused(
  layers: readonly LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
): tf.Tensor {
  let taken = 0;
  return feed(layers, x, () => weights[taken++]);
}

/** Feeds `x` through `layers`, which take their weights from `weights` in turn. */
function feed(
  layers: readonly LayerSpec[],
  x: tf.Tensor,
  next: () => tf.Tensor,
): tf.Tensor {
  for (const layer of layers) {
    const [rows, ...extents] = x.shape;
    const size = extents.reduce((a, b) => a * b);
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d": {
        const [filter, bias] = [next(), next()];
        const name = layer.kind === "conv2d"
          ? tf.FusedConv2D
          : tf.FusedDepthwiseConv2D;
        const sums = run(name, { x, filter, bias }, {
          ...configureWindows(windowSpans(layer, extents)),
          ...fuseActivation(layer),
        });
        x = isFused(layer) ? sums : activate(sums, layer);
        break;
      }
      case "dense": {
        const [b, bias] = [next(), next()];
        const sums = multiply(x, b, { bias, ...fuseActivation(layer) });
        x = isFused(layer) ? sums : activate(sums, layer);
        break;
      }
      case "maxPool2d":
        x = pool(tf.MaxPool, x, windowSpans(poolWindows(layer), extents));
        break;
      case "averagePool2d":
        if (layer.activation) {
          x = activate(
            sumWindows(x, windowSpans(poolWindows(layer), extents)),
            {
              ...layer,
              activation: layer.activation,
            },
          );
          break;
        }
        x = pool(tf.AvgPool, x, windowSpans(poolWindows(layer), extents));
        break;
      case "globalMaxPool2d":
      case "globalAveragePool2d": {
        const [height, width, channels] = extents;
        if (layer.kind === "globalAveragePool2d" && layer.activation) {
          x = sumWindows(x, windowSpans({ size: [height, width] }, extents));
          x = run(tf.Reshape, { x }, { shape: [rows, channels] });
          x = activate(x, { ...layer, activation: layer.activation });
          break;
        }
        const name = layer.kind === "globalMaxPool2d" ? tf.MaxPool : tf.AvgPool;
        x = pool(name, x, windowSpans({ size: [height, width] }, extents));
        x = run(tf.Reshape, { x }, { shape: [rows, channels] });
        break;
      }
      case "flatten":
        x = run(tf.Reshape, { x }, { shape: [rows, size] });
        break;
      case "residual": {
        const held = feed(layer.layers, x, next);
        const read = layer.lift ? scale(x, 2 ** layer.lift) : x;
        x = run(tf.Add, { a: read, b: held }, {});
        x = activate(x, layer);
        break;
      }
      case "dropout":
      case "softmax":
        break;
      default:
        layer satisfies never;
    }
  }
  return x;
}

/** `x` times a power of two. */
function scale(x: tf.Tensor, factor: number): tf.Tensor {
  return run(tf.Multiply, { a: x, b: tf.scalar(factor) }, {});
}

/** Sums of the windows of each channel of `x`. */
function sumWindows(x: tf.Tensor, windows: readonly AxisWindows[]): tf.Tensor {
  const channels = x.shape[3] ?? 1;
  const filter = tf.tensor(
    new Float32Array(windows[0].size * windows[1].size * channels).fill(1),
    [...windows.map(({ size }) => size), channels, 1],
  );
  const bias = tf.tensor(new Float32Array(channels), [channels]);
  return run(tf.FusedDepthwiseConv2D, { x, filter, bias }, {
    ...configureWindows(windows),
    activation: "linear",
  });
}

/** What a rounding makes of sums of integers. */
function round(x: tf.Tensor, layer: ActivationFields): tf.Tensor {
  const most = mostOf(layer);
  const { slope = 0 } = layer;
  const part = (more: number, least: number, greatest: number) => {
    const shifts = [layer.shift ?? 0].flat().map((shift) => shift + more);
    const a = run(tf.Add, { a: x, b: tf.tensor(shifts.map(halfOf)) }, {});
    const b = tf.tensor(shifts.map((shift) => 2 ** -shift));
    const floor = run(tf.Floor, { x: run(tf.Multiply, { a, b }, {}) }, {});
    const low = run(tf.Minimum, { a: floor, b: tf.scalar(greatest) }, {});
    return run(tf.Maximum, { a: low, b: tf.scalar(least) }, {});
  };
  const a = part(0, slope === 1 ? -most : 0, most);
  if (slope === 0 || slope === 1) return a;
  return run(tf.Add, { a, b: part(-Math.log2(slope), -most, 0) }, {});
}

/** Whether kernels with a bias have all that follows the sums of `layer` too. */
function isFused({ activation, shift }: ActivationFields): boolean {
  return shift === undefined &&
    (activation === "relu" || activation === "linear" ||
      activation === "leakyRelu");
}

/** What kernels with a bias are told of the activation of `layer`. */
function fuseActivation(
  layer: ActivationFields,
): { activation: string; leakyreluAlpha: number } {
  const { activation, slope = LEAK } = layer;
  return {
    activation: isFused(layer) ? activation.toLowerCase() : "linear",
    leakyreluAlpha: slope,
  };
}

/** What an activation makes of a sum that has none yet. */
function activate(
  x: tf.Tensor,
  layer: ActivationFields,
): tf.Tensor {
  const { activation, slope = LEAK, shift } = layer;
  switch (activation) {
    case "linear":
      // A shift is the logits'.
      return typeof shift === "number" ? scale(x, 2 ** -shift) : x;
    case "round":
      return round(x, layer);
    case "relu":
      return run(tf.Relu, { x }, {});
    case "leakyRelu":
      return run(tf.LeakyRelu, { x }, { alpha: slope });
    case "relu6":
      return run(tf.Relu6, { x }, {});
    case "elu":
      return run(tf.Elu, { x }, {});
    case "sigmoid":
      return run(tf.Sigmoid, { x }, {});
    case "tanh":
      return run(tf.Tanh, { x }, {});
    case "swish":
      return run(tf.Multiply, { a: x, b: run(tf.Sigmoid, { x }, {}) }, {});
    default:
      return activation satisfies never;
  }
}

/** activation(x · b + bias): products are of stacks of matrices, here of one. */
function multiply(
  x: tf.Tensor,
  b: tf.Tensor,
  { bias, ...activation }:
    & { bias: tf.Tensor }
    & ReturnType<typeof fuseActivation>,
): tf.Tensor {
  const stack = (matrix: tf.Tensor) =>
    run(tf.Reshape, { x: matrix }, { shape: [1, ...matrix.shape] });
  const product = run(tf._FusedMatMul, { a: stack(x), b: stack(b), bias }, {
    transposeA: false,
    transposeB: false,
    ...activation,
  });
  return run(tf.Reshape, { x: product }, { shape: product.shape.slice(1) });
}

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
    const divisor = pixels instanceof Uint8Array ? 255 : 1;
    const values = isInteger(spec.layers)
      ? Float32Array.from(readBytes(pixels))
      : Float32Array.from(pixels, (pixel) => pixel / divisor);
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
