import type { Estimate } from "../study/estimate.ts";

/**
 * Digits in groups of three: `74,188`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatCount } from "./format_numbers.ts";
 *
 * assertEquals(formatCount(74188), "74,188");
 * ```
 */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * Bytes to three digits in decimal units: `297 kB`, `4.80 MB`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatBytes } from "./format_numbers.ts";
 *
 * assertEquals(formatBytes(296752), "297 kB");
 * ```
 */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 999_500
    ? [bytes / 1e3, "kB"]
    : [bytes / 1e6, "MB"];
  return `${
    Number(value.toPrecision(3)) >= 100
      ? value.toFixed(0)
      : value.toPrecision(3)
  } ${unit}`;
}

/**
 * Bytes of a round number, for an axis: `500 B`, `1 kB`, `20 kB`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatTickBytes } from "./format_numbers.ts";
 *
 * assertEquals(formatTickBytes(20_000), "20 kB");
 * ```
 */
export function formatTickBytes(bytes: number): string {
  return formatBytes(bytes).replace(/\.0+ /, " ");
}

/**
 * A share to four decimals: `0.9712`, a hundredth of a percent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatAccuracy } from "./format_numbers.ts";
 *
 * assertEquals(formatAccuracy(0.97), "0.9700");
 * ```
 */
export function formatAccuracy(accuracy: number): string {
  return accuracy.toFixed(4);
}

/**
 * An accuracy that was asked for, to two decimals or as many as it has: `0.90`, `0.985`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatGoal } from "./format_numbers.ts";
 *
 * assertEquals(formatGoal(0.9), "0.90");
 * ```
 */
export function formatGoal(accuracy: number): string {
  const digits = String(accuracy);
  return digits.length < 4 ? accuracy.toFixed(2) : digits;
}

/**
 * How many times smaller: `16.2×`, `4,853×`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatCompression } from "./format_numbers.ts";
 *
 * assertEquals(formatCompression(16.17), "16.2×");
 * ```
 */
export function formatCompression(compression: number): string {
  const digits = compression < 1000
    ? compression.toFixed(1)
    : formatCount(Math.round(compression));
  return `${digits}×`;
}

/**
 * A difference of two shares, signed: `+0.0010`, `−0.0010`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDifference } from "./format_numbers.ts";
 *
 * assertEquals(formatDifference(-0.001), "−0.0010");
 * ```
 */
export function formatDifference(difference: number): string {
  const digits = Math.abs(difference).toFixed(4);
  if (Number(digits) === 0) return digits;
  return (difference < 0 ? "−" : "+") + digits;
}

/**
 * A mean with its interval, `0.9712 [0.9690, 0.9734]`; the mean alone where they are one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatEstimate } from "./format_numbers.ts";
 *
 * assertEquals(formatEstimate({ mean: 0.9712, low: 0.969, high: 0.9734 }), "0.9712 [0.9690, 0.9734]");
 * ```
 */
export function formatEstimate({ mean, low, high }: Estimate): string {
  if (low === high) return formatAccuracy(mean);
  return `${formatAccuracy(mean)} ${formatInterval([low, high])}`;
}

/**
 * Two bounds: `[0.9690, 0.9734]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatInterval } from "./format_numbers.ts";
 *
 * assertEquals(formatInterval([0, 0.5]), "[0.0000, 0.5000]");
 * ```
 */
export function formatInterval(interval: [number, number]): string {
  const bounds = interval.map((bound) => bound.toFixed(4).replace("-", "−"));
  return `[${bounds.join(", ")}]`;
}

/**
 * A round count, for an axis: `500`, `20k`, `1M`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatTickCount } from "./format_numbers.ts";
 *
 * assertEquals(formatTickCount(20_000), "20k");
 * ```
 */
export function formatTickCount(count: number): string {
  if (count >= 1e6) return `${count / 1e6}M`;
  return count >= 1e3 ? `${count / 1e3}k` : String(count);
}
