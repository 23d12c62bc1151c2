import * as tf from "../../tf.ts";
import { BOOLEAN, defineKernel, NUMBER, runKernel } from "../kernel.ts";
import { withGradient } from "../with_gradient.ts";
import { highestOctave, LOWEST_OCTAVE, stepsPerOctave } from "./round_step.ts";

/** Kernel of {@linkcode roundSteps}: the steps and g · ∂s/∂v. */
export const roundStepsKernel = defineKernel({
  name: "RetortRoundSteps",
  inputs: { octaves: "float32" },
  attributes: { powerOfTwo: BOOLEAN, slope: NUMBER },
});

const POWERS = Array.from(
  { length: highestOctave(true) - LOWEST_OCTAVE + 1 },
  (_, index) => 2 ** (LOWEST_OCTAVE + index),
);

/** 2^e of integers e within the bounds, exactly: backends' own powers are not. */
function powersOf(exponents: tf.Tensor): tf.Tensor {
  const places = tf.cast(tf.sub(exponents, LOWEST_OCTAVE), "int32");
  return tf.gather(tf.tensor1d(POWERS), places.as1D());
}

/** The steps and g · ∂s/∂v, made of tfjs's operations. */
function composeSteps(
  octaves: tf.Tensor,
  { powerOfTwo, slope }: { powerOfTwo: boolean; slope: number },
): tf.Tensor[] {
  const count = stepsPerOctave(powerOfTwo);
  const highest = highestOctave(powerOfTwo);
  const bounded = tf.clipByValue(octaves, LOWEST_OCTAVE, highest);
  const exponents = tf.floor(bounded);
  const powers = powersOf(exponents);
  const fractions = tf.mul(tf.sub(bounded, exponents), count);
  const rounded = tf.floor(tf.add(fractions, 0.5));
  const steps = tf.mul(powers, tf.add(tf.mul(rounded, 1 / count), 1));
  // Of NaN both are NaN, whatever power it was cast to.
  const rises = powerOfTwo
    ? tf.mul(steps, Math.LN2)
    : tf.add(powers, tf.mul(rounded, 0));
  return [steps, tf.mul(rises, slope)];
}

/**
 * `roundStep` of each of `octaves` `[n]`, to the same bits. Rounding and bounds
 * are straight-through: ∂L/∂v = g · ∂L/∂s · ∂s/∂v, with ∂s/∂v = 2^⌊v⌋, or s · ln 2 for
 * powers of two, and the factor g = `slope`.
 */
export function roundSteps(
  octaves: tf.Tensor,
  { powerOfTwo, slope }: { powerOfTwo: boolean; slope: number },
): tf.Tensor {
  const forward = () => {
    const attributes = { powerOfTwo, slope };
    const [value, rises] = runKernel(
      roundStepsKernel,
      { octaves },
      attributes,
      () => composeSteps(octaves, attributes),
    );
    return { value, saved: [rises] };
  };
  return withGradient([octaves], forward, (dy, [rises]) => [tf.mul(dy, rises)]);
}
