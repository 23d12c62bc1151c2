import type { Precision } from "./feature_file.ts";

/** Numbers from here on are stored as infinity. */
const LIMITS: Record<Precision, number> = { float16: 65520, float32: Infinity };

/** Throws a `RangeError` unless every one of `values` is smaller than `limit` in size. */
function checkSizes(what: string, values: Float32Array, limit: number): void {
  for (const value of values) {
    if (Math.abs(value) < limit) continue;
    const rule = Number.isFinite(value) ? `below ${limit}` : "finite";
    throw new RangeError(
      `Cannot distil from the teacher: its ${what} must be ${rule}: current value is ${value}; check its weights, and that it is fed pixels of the scale that it was trained on`,
    );
  }
}

/**
 * Throws a `RangeError` unless all of the teacher's features are finite, and stay so
 * when they are stored as `precision`: nothing can be learnt from others.
 */
export function checkFeatures(
  values: Float32Array,
  precision: Precision,
): void {
  checkSizes("features", values, LIMITS[precision]);
}

/** Throws a `RangeError` unless all of the teacher's logits are finite. */
export function checkLogits(values: Float32Array): void {
  checkSizes("logits", values, Infinity);
}
