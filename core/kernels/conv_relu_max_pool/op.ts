import type { DropoutRange } from "../../random/dropout_mask.ts";
import * as tf from "../../tf.ts";
import { biasReluGradient } from "../bias_relu/op.ts";
import { columnSum } from "../column_sum/op.ts";
import {
  type AttributeRule,
  BOOLEAN,
  defineKernel,
  NUMBER,
  PAIR,
  runKernel,
} from "../kernel.ts";
import {
  type ImagesShape,
  maxPoolScatter,
  poolBiasRelu,
  type PoolSize,
} from "../max_pool/op.ts";
import { withGradient } from "../with_gradient.ts";

/** How a convolution whose result is pooled goes about it. */
export interface PooledConvolutionOptions {
  /** Distance between neighbouring windows; 1 unless given. */
  stride?: number;
  /** Whether images get a frame of zeros; "valid" unless given. */
  padding?: "valid" | "same";
  /** The pool, by which it moves too. */
  pool: PoolSize;
  /** What is dropped of the result; nothing unless given. */
  dropout?: DropoutRange;
  /** Whether ∂L/∂x is wanted; true unless given. */
  differentiateInput?: boolean;
}

/** An attribute that says whether images get a frame of zeros. */
const PADDING: AttributeRule<"valid" | "same"> = {
  what: "valid or same",
  accepts: (value) => value === "valid" || value === "same",
};

/**
 * Kernel of the gradients of {@linkcode convReluMaxPool}: `[dw]` or, with
 * `differentiateInput`, `[dw, dx]`, from the gradient g at the pools' winners.
 */
export const pooledConvGradientKernel = defineKernel({
  name: "RetortConvReluMaxPoolGradient",
  inputs: { x: "float32", filter: "float32", g: "float32", winner: "int32" },
  attributes: {
    stride: NUMBER,
    pad: PADDING,
    pool: PAIR,
    differentiateInput: BOOLEAN,
  },
});

function shapeOf({ shape }: tf.Tensor): ImagesShape {
  const [a, b, c, d] = shape;
  return [a, b, c, d];
}

function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a, b, c, d] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}

/** The two gradients of a convolution, by the kernels of the current backend. */
function convolutionGradients(
  [x, filter, dz]: tf.Tensor[],
  { stride = 1, padding = "valid", differentiateInput = true }:
    PooledConvolutionOptions,
): tf.Tensor[] {
  const attributes = {
    strides: [stride, stride],
    pad: padding,
    dataFormat: "NHWC",
  };
  const run = (name: string, inputs: tf.NamedTensorMap, shape: object) =>
    tf.engine().runKernel<tf.Tensor>(name, inputs, { ...attributes, ...shape });
  const dw = run(tf.Conv2DBackpropFilter, { x, dy: dz }, {
    filterShape: filter.shape,
  });
  if (!differentiateInput) return [dw];
  const dx = run(tf.Conv2DBackpropInput, { dy: dz, filter }, {
    inputShape: x.shape,
  });
  return [dw, dx];
}

/**
 * y = relu(maxpool(x ∗ w) + b) ⊙ m, with images x `[n, h, w, c]`, a filter w
 * `[kh, kw, c, f]`, a bias b `[f]` and the mask m of `dropout`.
 *
 * As only the windows that won a pool have a gradient, a backend may leave all
 * others out of ∂L/∂w and ∂L/∂x: at 2×2 pools after relu, some seven in eight.
 * Without `differentiateInput` ∂L/∂x isn't computed, and x is no input of tfjs's
 * gradients. Throws a `RangeError` where shapes don't go together.
 */
export function convReluMaxPool(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor,
  options: PooledConvolutionOptions,
): tf.Tensor {
  const {
    stride = 1,
    padding = "valid",
    pool,
    dropout,
    differentiateInput = true,
  } = options;
  let convolved: ImagesShape = [0, 0, 0, 0];
  const forward = () => {
    const z = tf.conv2d(rank4(x), rank4(filter), stride, padding);
    convolved = shapeOf(z);
    const [y, winner] = poolBiasRelu(z, bias, pool, dropout);
    z.dispose();
    return { value: y, saved: [x, filter, y, winner] };
  };
  const inputs = differentiateInput ? [filter, bias, x] : [filter, bias];
  return withGradient(inputs, forward, (dy, [x, filter, y, winner]) => {
    const g = biasReluGradient(y, dy, dropout);
    const [dw, ...dx] = runKernel(
      pooledConvGradientKernel,
      { x, filter, g, winner },
      { stride, pad: padding, pool: [...pool], differentiateInput },
      () => {
        const dz = maxPoolScatter(g, winner, convolved, pool);
        return convolutionGradients([x, filter, dz], options);
      },
    );
    return [dw, columnSum(g), ...dx];
  });
}
