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

/**
 * The square image of one channel, or else of three, that `values` numbers in a row are,
 * place by place; undefined where they are neither. No number is both.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findSquare } from "./image_shape.ts";
 *
 * assertEquals([784, 3072, 10].map(findSquare), [[28, 28, 1], [32, 32, 3], undefined]);
 * ```
 */
export function findSquare(values: number): ImageShape | undefined {
  for (const channels of [1, 3] as const) {
    const side = Math.sqrt(values / channels);
    if (side > 0 && Number.isInteger(side)) return [side, side, channels];
  }
  return undefined;
}
