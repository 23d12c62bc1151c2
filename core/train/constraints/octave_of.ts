/**
 * v = ⌊log₂ s⌋ + s / 2^⌊log₂ s⌋ − 1, what is trained in place of a step size s > 0: its
 * octave, and how far in that it lies. It is log₂ s at every power of two and a
 * straight line between, so that a change of v changes steps large and small by
 * the same share (Adam moves every variable by about its rate a step), and yet a
 * backend rounds none of what makes s of v. `roundStep` of core/kernels is its inverse.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundStep } from "../../kernels/round_steps/round_step.ts";
 * import { octaveOf } from "./octave_of.ts";
 *
 * assertEquals(octaveOf(0.375), -1.5);
 * assertEquals(roundStep(-1.5, false), 0.375);
 * ```
 */
export function octaveOf(step: number): number {
  const exponent = Math.floor(Math.log2(step));
  return exponent + step / 2 ** exponent - 1;
}
