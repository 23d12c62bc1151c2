import type { Padding } from "./layer.ts";

/** Where the windows of a convolution lie along one axis of an image. */
export interface WindowSpan {
  /** How many there are. */
  count: number;
  /** Zeros before the image. */
  before: number;
  /** Zeros after it. */
  after: number;
}

/**
 * Windows of `size`, `stride` apart, along an axis of `extent`:
 * ⌊(extent − size) / stride⌋ + 1 without padding ("valid"), ⌈extent / stride⌉
 * with ("same"). Padding then is max(0, (count − 1)·stride + size − extent)
 * zeros, of which the smaller half comes first, as in TensorFlow.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { windowSpan } from "./window_span.ts";
 *
 * assertEquals(windowSpan(28, 3, 2, "same"), { count: 14, before: 0, after: 1 });
 * assertEquals(windowSpan(28, 3, 2, "valid").count, 13);
 * ```
 */
export function windowSpan(
  extent: number,
  size: number,
  stride = 1,
  padding: Padding = "valid",
): WindowSpan {
  if (padding === "valid") {
    const count = Math.floor((extent - size) / stride) + 1;
    return { count, before: 0, after: 0 };
  }
  const count = Math.ceil(extent / stride);
  const zeros = Math.max(0, (count - 1) * stride + size - extent);
  const before = Math.floor(zeros / 2);
  return { count, before, after: zeros - before };
}
