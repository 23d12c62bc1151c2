import * as tf from "../../tf.ts";
import { defineKernel, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";

/** Largest float16. */
const LARGEST = 65504;
/** Smallest float16 with all its significant bits. */
const SMALLEST_NORMAL = 2 ** -14;

/** Kernel of {@linkcode roundHalves}: the float16s. */
export const roundHalvesKernel = defineKernel({
  name: "RetortRoundHalves",
  inputs: { x: "float32" },
  attributes: {},
});

/**
 * Each x rounded to the nearest float16, ties to even, from −65504 to 65504, and
 * never −0. ∂L/∂x = ∂L/∂y (straight-through).
 *
 * Where there is no kernel, Veltkamp's splitting: with γ = (2¹³ + 1)·x,
 * γ + (x − γ) has the first 11 of 24 significant bits. Below 2⁻¹⁴ float16s lie
 * 2⁻²⁴ apart, as float32s do from ½ to 1. Sums, differences and products alone:
 * every backend rounds them alike.
 *
 * Source: Dekker, "A floating-point technique for extending the available
 * precision", 1971.
 */
export function roundHalves(x: tf.Tensor): tf.Tensor {
  const forward = () => {
    const [value] = runKernel(roundHalvesKernel, { x }, {}, () => {
      const bounded = tf.clipByValue(x, -LARGEST, LARGEST);
      const spread = tf.mul(bounded, 2 ** 13 + 1);
      const split = tf.add(spread, tf.sub(bounded, spread));
      const small = tf.sub(tf.add(bounded, 0.75), 0.75);
      const tiny = tf.less(tf.abs(bounded), SMALLEST_NORMAL);
      return [tf.where(tiny, small, split)];
    });
    return { value, saved: [] };
  };
  return withGradient([x], forward, (dy) => [tf.clone(dy)]);
}
