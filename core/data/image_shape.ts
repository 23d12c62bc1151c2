/** `[height, width, channels]` of an image. */
export type ImageShape = readonly [number, number, number];

/**
 * height · width · channels: how many numbers one image of `shape` has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pixelCount } from "./image_shape.ts";
 *
 * assertEquals(pixelCount([28, 28, 1]), 784);
 * ```
 */
export function pixelCount([height, width, channels]: ImageShape): number {
  return height * width * channels;
}
