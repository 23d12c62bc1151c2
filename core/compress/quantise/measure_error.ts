/** How far weights lie from what they were. */
export interface RoundingError {
  /** √(Σ (ŵ − w)² / n), in the weights' unit. */
  rootMeanSquare: number;
  /** max |ŵ − w|, in the weights' unit. */
  largest: number;
  /** 10·log₁₀(Σ w² / Σ (ŵ − w)²), in decibels; ∞ where nothing has changed. */
  signalToNoise: number;
}

/**
 * The distance of `rounded` weights ŵ from `weights` w. Throws a `RangeError` where
 * there are none, or not as many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { measureError } from "./measure_error.ts";
 *
 * const error = measureError(Float32Array.of(3, -4), Float32Array.of(3, -4.5));
 * assertEquals(error, { rootMeanSquare: Math.sqrt(0.125), largest: 0.5, signalToNoise: 20 });
 * ```
 */
export function measureError(
  weights: Float32Array,
  rounded: Float32Array,
): RoundingError {
  if (weights.length === 0 || rounded.length !== weights.length) {
    throw new RangeError(
      `Cannot measure an error: there must be as many rounded weights as weights, at least one: current value is ${rounded.length} of ${weights.length}`,
    );
  }
  let [signal, noise, largest] = [0, 0, 0];
  weights.forEach((weight, i) => {
    const distance = Math.abs(rounded[i] - weight);
    signal += weight * weight;
    noise += distance * distance;
    largest = Math.max(largest, distance);
  });
  return {
    rootMeanSquare: Math.sqrt(noise / weights.length),
    largest,
    signalToNoise: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
  };
}
