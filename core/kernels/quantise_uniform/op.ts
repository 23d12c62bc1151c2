import * as tf from "../../tf.ts";
import { columnSum } from "../column_sum/op.ts";
import { checkInputShape, defineKernel, NUMBER, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";
import { type LevelRange, levelRange } from "./round_level.ts";

/** Kernel of {@linkcode quantiseUniform}: ŵ. */
export const quantiseUniformKernel = defineKernel({
  name: "RetortQuantiseUniform",
  inputs: { weights: "float32", steps: "float32" },
  attributes: { bits: NUMBER },
});

/** Kernel of its gradients: ∂L/∂w and ∂L/∂s. */
export const quantiseUniformGradientKernel = defineKernel({
  name: "RetortQuantiseUniformGradient",
  inputs: { weights: "float32", steps: "float32", dy: "float32" },
  attributes: { bits: NUMBER, pull: NUMBER },
  check: ({ weights, dy }) => checkInputShape("dy", dy, weights.shape),
});

/** `roundLevel` of weights `[rows, steps]`, made of tfjs's operations. */
function roundLevels(
  weights: tf.Tensor,
  steps: tf.Tensor,
  { lowest, highest }: LevelRange,
): tf.Tensor {
  if (lowest === -1) {
    const positive = tf.cast(tf.greaterEqual(weights, 0), "float32");
    return tf.add(tf.mul(weights, 0), tf.sub(tf.mul(positive, 2), 1));
  }
  const near = tf.round(
    tf.clipByValue(tf.div(weights, steps), lowest, highest),
  );
  const rest = tf.sub(weights, tf.mul(near, steps));
  const half = tf.mul(steps, 0.5);
  const up = tf.cast(tf.greaterEqual(rest, half), "float32");
  const down = tf.cast(tf.less(rest, tf.neg(half)), "float32");
  return tf.clipByValue(tf.sub(tf.add(near, up), down), lowest, highest);
}

/** ∂L/∂w and ∂L/∂s, made of tfjs's operations. */
function composeGradients(
  [weights, steps, dy]: tf.Tensor[],
  { bits, pull }: { bits: number; pull: number },
): tf.Tensor[] {
  const rows = tf.reshape(weights, [-1, steps.size]);
  const dRows = tf.reshape(dy, rows.shape);
  const range = levelRange(bits);
  const levels = roundLevels(rows, steps, range);
  if (bits === 1) return [tf.clone(dy), columnSum(tf.mul(dRows, levels))];
  const inside = tf.logicalAnd(
    tf.greaterEqual(rows, tf.mul(steps, range.lowest)),
    tf.lessEqual(rows, tf.mul(steps, range.highest)),
  );
  const rise = tf.sub(levels, tf.where(inside, tf.div(rows, steps), 0));
  const pulled = tf.add(
    dRows,
    tf.mul(tf.sub(rows, tf.mul(levels, steps)), pull),
  );
  // What is neither inside nor outside is NaN.
  const outside = tf.sub(levels, levels);
  return [
    tf.reshape(tf.where(inside, pulled, outside), weights.shape),
    columnSum(tf.mul(dRows, rise)),
  ];
}

/** Throws a `RangeError` unless steps `[c]` go with `weights`. */
function checkSteps(weights: tf.Tensor, steps: tf.Tensor): void {
  if (steps.rank === 1 && weights.size % steps.size === 0) return;
  throw new RangeError(
    `Cannot quantise weights of shape [${
      weights.shape.join(", ")
    }]: steps must be a row whose length divides ${weights.size}: current value is [${
      steps.shape.join(", ")
    }]`,
  );
}

/**
 * ŵᵢ = s_c · q, with the level q of `roundLevel` for `bits` bits, for weights of any
 * shape and steps s `[channels]`, float16s above 0; c = i mod channels.
 *
 * ∂L/∂w is ∂L/∂ŵ inside the range of levels, else 0; with 1 bit it is ∂L/∂ŵ
 * everywhere, so that a weight can always change its sign. ∂L/∂s sums
 * ∂L/∂ŵ · (q − w/s) inside and ∂L/∂ŵ · q outside; with 1 bit, ∂L/∂ŵ · q everywhere.
 * Where q is NaN, so are both.
 *
 * `pull` λ, 0 unless given, adds λ·(w − ŵ) to ∂L/∂w inside, the gradient of
 * λ/2 · (w − ŵ)² with ŵ held: it draws weights away from the boundaries of levels.
 *
 * Sources: Esser et al., "Learned Step Size Quantization", 2020; for the pull, Nagel
 * et al., "Overcoming Oscillations in Quantization-Aware Training", 2022; for 1 bit,
 * Rastegari et al., "XNOR-Net", 2016. Throws a `RangeError` where the shapes don't
 * go together.
 */
export function quantiseUniform(
  weights: tf.Tensor,
  steps: tf.Tensor,
  bits: number,
  pull = 0,
): tf.Tensor {
  checkSteps(weights, steps);
  const forward = () => {
    const inputs = { weights, steps };
    const [value] = runKernel(quantiseUniformKernel, inputs, { bits }, () => {
      const rows = tf.reshape(weights, [-1, steps.size]);
      const levels = roundLevels(rows, steps, levelRange(bits));
      return [tf.reshape(tf.mul(levels, steps), weights.shape)];
    });
    return { value, saved: [weights, steps] };
  };
  return withGradient([weights, steps], forward, (dy, [weights, steps]) => {
    const inputs = { weights, steps, dy };
    return runKernel(
      quantiseUniformGradientKernel,
      inputs,
      { bits, pull },
      () => composeGradients([weights, steps, dy], { bits, pull }),
    );
  });
}
