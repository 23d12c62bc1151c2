import { addBias } from "../kernels/add_bias/op.ts";
import { biasRelu } from "../kernels/bias_relu/op.ts";
import { biasReluMaxPool } from "../kernels/max_pool/op.ts";
import { convReluMaxPool } from "../kernels/conv_relu_max_pool/op.ts";
import { FEWEST_CHANNELS } from "../kernels/conv2d/winograd_matrices.ts";
import { dropOut } from "../kernels/drop_out/op.ts";
import type { PoolSize } from "../kernels/max_pool/op.ts";
import { withGradient } from "../kernels/with_gradient.ts";
import { drawCounterKey } from "../random/counter.ts";
import type { DropoutRange } from "../random/dropout_mask.ts";
import { randomStream } from "../random/stream.ts";
import * as tf from "../tf.ts";
import { halfOf, isInteger, LARGEST_BYTE, mostOf } from "./integer.ts";
import { LEAK } from "./layers/activation.ts";
import { pairOf } from "./layers/layer.ts";
import type {
  ActivationFields,
  ConvolutionFields,
  Extent,
  LayerSpec,
  WindowFields,
} from "./layers/layer.ts";
import { poolWindows } from "./layers/pools.ts";
import { windowSpans } from "./layers/window_span.ts";

/** Where a training step's dropout masks come from. */
export interface DropoutSource {
  /** Seed of the training run. */
  seed: number;
  /** Steps taken before this one. */
  step: number;
  /** Rows of the batch before those that are fed; 0 unless given. */
  firstRow?: number;
}

/** Weights of the smallest kernel, 3×3, that our convolution has transformed. */
const WINOGRAD_WEIGHTS = 9 * FEWEST_CHANNELS ** 2;

/** Layers that have weights. */
type WeightedLayer = LayerSpec<"conv2d" | "depthwiseConv2d" | "dense">;

/** Elements that `layer` makes of a row of `x`, or pooling leaves of them. */
function rowSize(
  layer: WeightedLayer,
  x: tf.Tensor,
  kernel: tf.Tensor,
  pool: PoolSize = [1, 1],
): number {
  if (layer.kind === "dense") return layer.units;
  const [down, across] = windowSpans(layer, x.shape.slice(1, 3))
    .map(({ count }, axis) => Math.floor(count / pool[axis]));
  const [, , channels, filters] = kernel.shape;
  return down * across *
    (layer.kind === "conv2d" ? filters : channels * filters);
}

/**
 * What `layer`, at `place`, drops of rows of `size` elements, if it is a dropout
 * layer. A row's mask depends on its place in the whole batch, so that the batch may
 * be fed in parts.
 */
function dropoutOf(
  layer: LayerSpec | undefined,
  place: readonly number[],
  size: number,
  source?: DropoutSource,
): DropoutRange | undefined {
  if (!source || layer?.kind !== "dropout" || layer.rate === 0) return;
  const { seed, step, firstRow = 0 } = source;
  return {
    rate: layer.rate,
    key: drawCounterKey(randomStream(seed, "dropout", ...place, step)),
    first: firstRow * size,
  };
}

/** What is fed through layers besides images. */
interface Feeding {
  /** Kernel and bias of each convolution and dense layer in order. */
  weights: tf.Tensor[];
  /** How many of them have been used. */
  used: number;
  /** Where dropout applies: in training. */
  dropout?: DropoutSource;
  /** Sees what each layer that has weights reads; nothing has a gradient then. */
  observe?: (input: tf.Tensor) => void;
  /** Whether all are integers, of which no sum may be rounded. */
  integer: boolean;
}

/**
 * Feeds `x` through `layers` up to, and without, a softmax: the logits
 * `[n, classes]` where a dense layer ends them, features otherwise.
 *
 * `weights` are kernel and bias of each convolution and dense layer in order.
 * Dropout applies only where `dropout` is given, that is in training. Bias, relu,
 * and max-pooling and dropout that follow, are one operation, with the convolution
 * where that is pooled; such a one, if it comes first, has no gradient by `x`.
 *
 * A model of integers ({@linkcode isInteger}) reads what every other does, numbers from 0 to 1,
 * and takes the nearest 255ths for bytes. All that follows is exact on every backend, of weights
 * that `boundIntegers` has let pass. Nothing has a gradient by what comes before a rounding.
 */
export function forward(
  layers: readonly LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
  dropout?: DropoutSource,
): tf.Tensor {
  const integer = isInteger(layers);
  const feeding = { weights, used: 0, dropout, integer };
  return feed(layers, integer ? bytesOf(x) : x, feeding, []);
}

/** Feeds `x` as {@linkcode forward} does, and tells what each layer that has weights reads. */
export function observeLayers(
  layers: readonly LayerSpec[],
  weights: tf.Tensor[],
  x: tf.Tensor,
  observe: (input: tf.Tensor) => void,
): tf.Tensor {
  const integer = isInteger(layers);
  const feeding = { weights, used: 0, observe, integer };
  return feed(layers, integer ? bytesOf(x) : x, feeding, []);
}

/** The nearest 255ths of numbers from 0 to 1: however they were divided, the bytes that they were. */
function bytesOf(x: tf.Tensor): tf.Tensor {
  const nearest = tf.floor(
    addBias(tf.mul(x, LARGEST_BYTE), tf.fill([x.shape[x.rank - 1]], 0.5)),
  );
  return tf.clipByValue(nearest, 0, LARGEST_BYTE);
}

/** Feeds `x` through `layers`; `place` says in which layers they are held, from without. */
function feed(
  layers: readonly LayerSpec[],
  x: tf.Tensor,
  feeding: Feeding,
  place: readonly number[],
): tf.Tensor {
  const { weights, dropout, observe, integer } = feeding;
  const dropoutAt = (index: number, size: number) =>
    dropoutOf(layers[index], [...place, index], size, dropout);
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index];
    switch (layer.kind) {
      case "conv2d":
      case "depthwiseConv2d":
      case "dense": {
        observe?.(x);
        // What the first layer with weights reads has no gradient.
        const differentiateInput = feeding.used > 0 && !observe;
        const kernel = weights[feeding.used++];
        const bias = weights[feeding.used++];
        // A maximum is the same before its rounding as after, of fewer numbers.
        const rounds = layer.activation === "round" &&
          layer.slope === undefined;
        if (layer.activation !== "relu" && !rounds) {
          // Only a relu is one operation with the bias, and with what follows.
          const z = weigh(layer, x, kernel, integer);
          x = activate(addBias(z, bias), layer);
          break;
        }
        const pool = windowOf(layer, layers[index + 1]);
        if (pool) index++;
        const range = rounds
          ? undefined
          : dropoutAt(index + 1, rowSize(layer, x, kernel, pool));
        if (range) index++;
        // Silent units have no gradient: leaving them out pays where there are two.
        const sparse = differentiateInput && layer.kind === "conv2d" &&
          layer.size !== 1;
        const plain = layer.kind === "conv2d" &&
          !(integer && kernel.size >= WINOGRAD_WEIGHTS) &&
          plainWindows(layer);
        if (plain && (pool || sparse)) {
          const { stride, padding } = plain;
          x = convReluMaxPool(x, kernel, bias, {
            stride,
            padding,
            pool: pool ?? [1, 1],
            dropout: range,
            differentiateInput,
          });
        } else {
          const z = weigh(layer, x, kernel, integer);
          x = pool
            ? biasReluMaxPool(z, bias, pool, range)
            : biasRelu(z, bias, range);
        }
        if (rounds) x = round(x, layer);
        break;
      }
      case "maxPool2d":
      case "averagePool2d": {
        if (layer.kind === "averagePool2d" && layer.activation) {
          x = activate(sumWindows(layer, x), {
            ...layer,
            activation: layer.activation,
          });
          break;
        }
        const { size, stride, pad } = tfWindows(poolWindows(layer));
        const pool = layer.kind === "maxPool2d" ? tf.maxPool : tf.avgPool;
        x = pool(rank4(x), size, stride, pad);
        break;
      }
      case "globalAveragePool2d": {
        const { activation } = layer;
        x = activation
          ? activate(tf.sum(x, [1, 2]), { ...layer, activation })
          : tf.mean(x, [1, 2]);
        break;
      }
      case "globalMaxPool2d":
        x = tf.max(x, [1, 2]);
        break;
      case "flatten":
        x = tf.reshape(x, [x.shape[0], -1]);
        break;
      case "dropout": {
        const size = tf.util.sizeFromShape(x.shape.slice(1));
        const range = dropoutAt(index, size);
        if (range) x = dropOut(x, range);
        break;
      }
      case "residual": {
        const held = feed(layer.layers, x, feeding, [...place, index]);
        const { lift = 0 } = layer;
        const sum = tf.add(lift ? tf.mul(x, 2 ** lift) : x, held);
        x = activate(sum, layer);
        break;
      }
      case "softmax":
        break;
      default:
        layer satisfies never;
    }
  }
  return x;
}

/** What a layer's activation makes of a sum. */
function activate(
  sum: tf.Tensor,
  layer: ActivationFields,
): tf.Tensor {
  const { activation, slope = LEAK } = layer;
  switch (activation) {
    case "linear":
      // A shift is the logits': by a power of two, they are divided exactly.
      return typeof layer.shift === "number"
        ? tf.mul(sum, 2 ** -layer.shift)
        : sum;
    case "round":
      return round(sum, layer);
    case "relu":
      return tf.relu(sum);
    case "leakyRelu":
      return tf.leakyRelu(sum, slope);
    case "relu6":
      return tf.relu6(sum);
    case "elu":
      return tf.elu(sum);
    case "sigmoid":
      return tf.sigmoid(sum);
    case "tanh":
      return tf.tanh(sum);
    case "swish":
      return tf.mul(sum, tf.sigmoid(sum));
    default:
      return activation satisfies never;
  }
}

/**
 * What a rounding makes of sums of integers `[…, c]`, of which one or c are shifts.
 *
 * Its gradient is straight-through, that of the line between its clamps: ∂L/∂x = 2^−s · ∂L/∂y
 * where 0 < x ≤ m · 2^s; with a slope 2^−t, 2^−(s+t) · ∂L/∂y where 0 ≥ x ≥ −m · 2^(s+t); else 0.
 *
 * Source: Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons",
 * 2013.
 */
function round(
  sum: tf.Tensor,
  layer: ActivationFields,
): tf.Tensor {
  const most = mostOf(layer);
  const { slope = 0 } = layer;
  const lag = -Math.log2(slope);
  const shiftsOf = (more: number) =>
    [layer.shift ?? 0].flat().map((shift) => shift + more);
  const factorsOf = (more: number) =>
    tf.tensor1d(shiftsOf(more).map((shift) => 2 ** -shift));
  const forward = () => {
    /** ⌊(x + ⌊2^(s−1)⌋) / 2^s⌋ of each, s being its shift and `more`. */
    const shifted = (more: number) => {
      const channels = sum.shape[sum.rank - 1];
      const each = shiftsOf(more).map(halfOf);
      // Our own sum: tfjs's, where it repeats a row, takes as long as a convolution.
      const halves = Array.from(
        { length: channels },
        (_, channel) => each[channel % each.length],
      );
      return tf.floor(
        tf.mul(addBias(sum, tf.tensor1d(halves)), factorsOf(more)),
      );
    };
    const kept = tf.clipByValue(shifted(0), slope === 1 ? -most : 0, most);
    const value = slope === 0 || slope === 1
      ? kept
      : tf.add(kept, tf.clipByValue(shifted(lag), -most, 0));
    return { value, saved: [sum] };
  };
  return withGradient([sum], forward, (dy, [sum]) => {
    /** ∂L/∂x where `within` holds of x / 2^s, s being its shift and `more`. */
    const pass = (more: number, within: (ratio: tf.Tensor) => tf.Tensor) => {
      const factors = factorsOf(more);
      const passed = tf.cast(within(tf.mul(sum, factors)), "float32");
      return tf.mul(tf.mul(dy, factors), passed);
    };
    const above = pass(
      0,
      (ratio) => tf.logicalAnd(tf.greater(ratio, 0), tf.lessEqual(ratio, most)),
    );
    if (slope === 0) return [above];
    const below = pass(
      lag,
      (ratio) =>
        tf.logicalAnd(tf.lessEqual(ratio, 0), tf.greaterEqual(ratio, -most)),
    );
    return [tf.add(above, below)];
  });
}

/** Sums of each window of each channel of `x`, zeros around it among them. */
function sumWindows(
  layer: LayerSpec<"averagePool2d">,
  x: tf.Tensor,
): tf.Tensor {
  const { size, stride, pad } = tfWindows(poolWindows(layer));
  const channels = x.shape[3] ?? 1;
  const ones = tf.ones<tf.Rank.R4>([...size, channels, 1]);
  return tf.depthwiseConv2d(rank4(x), ones, stride, pad);
}

/** Stride and padding of windows that are square, near each other and framed by a rule: our kernels' own. */
function plainWindows(
  { size, stride = 1, padding = "valid", dilation = 1 }: ConvolutionFields,
): { stride: number; padding: "valid" | "same" } | undefined {
  return typeof size === "number" && typeof stride === "number" &&
      typeof padding === "string" && dilation === 1
    ? { stride, padding }
    : undefined;
}

/** Windows as tfjs's operations are told of them. */
function tfWindows(
  { size, stride = 1, padding = "valid", dilation = 1 }: WindowFields & {
    dilation?: Extent;
  },
) {
  let pad: Parameters<typeof tf.conv2d>[3];
  if (typeof padding === "object") {
    const [top, bottom, left, right] = padding;
    pad = [[0, 0], [top, bottom], [left, right], [0, 0]];
  } else pad = padding;
  return {
    size: pairOf(size),
    stride: pairOf(stride),
    pad,
    dilation: pairOf(dilation),
  };
}

/** The weighted sums of `layer`, without bias; `exact` where none may be rounded. */
function weigh(
  layer: WeightedLayer,
  x: tf.Tensor,
  kernel: tf.Tensor,
  exact: boolean,
): tf.Tensor {
  if (layer.kind === "dense") return tf.matMul(x, kernel);
  const { stride, pad, dilation } = tfWindows(layer);
  if (exact && layer.kind === "conv2d" && kernel.size >= WINOGRAD_WEIGHTS) {
    // tfjs's own kernel: ours takes Winograd's way, whose fractions round.
    return tf.fused.conv2d({
      x: rank4(x),
      filter: rank4(kernel),
      strides: stride,
      pad,
      dilations: dilation,
    });
  }
  const convolve = layer.kind === "conv2d" ? tf.conv2d : tf.depthwiseConv2d;
  return convolve(rank4(x), rank4(kernel), stride, pad, "NHWC", dilation);
}

/** The window of a pooling layer that follows a convolution, if one does: side by side, on no frame. */
function windowOf(
  layer: LayerSpec,
  following: LayerSpec | undefined,
): PoolSize | undefined {
  if (layer.kind === "dense" || following?.kind !== "maxPool2d") return;
  const { size, stride = size, padding = "valid" } = following;
  const pool = pairOf(size);
  if (`${pool}` !== `${pairOf(stride)}` || padding !== "valid") return;
  return pool;
}

/** The same tensor under the type that tfjs asks of images and kernels. */
function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}
