/**
 * How many channels a weight of `shape` has a scale for, where it has one a
 * channel: what a layer puts out. That is the last extent, but the third of a
 * depthwise kernel `[size, size, channels, 1]`, and one for a row of biases. The
 * channel of the i-th weight, row-major, is i mod channels.
 *
 * A shape alone can't tell a depthwise kernel from that of a convolution with one
 * filter: such a one has a scale for each channel that it reads.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { channelCount } from "./channel_count.ts";
 *
 * assertEquals(channelCount([3, 3, 8, 16]), 16);
 * assertEquals(channelCount([3, 3, 8, 1]), 8);
 * assertEquals(channelCount([16]), 1);
 * ```
 */
export function channelCount(shape: readonly number[]): number {
  if (shape.length < 2) return 1;
  const last = shape[shape.length - 1];
  return shape.length === 4 && last === 1 ? shape[2] : last;
}
