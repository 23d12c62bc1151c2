import type { ModelSpec } from "../models/spec.ts";

/** Pixels of n images `[n, height, width, channels]`: bytes 0 to 255, or numbers in [0, 1]. */
export type Images = Uint8Array | Float32Array;

/** Far beyond what is divided by nothing, and so small that no sum of a model overflows for it. */
const LARGEST_PIXEL = 2 ** 32;

/**
 * How many images `pixels` are; throws a `RangeError` where a part of one is over, or a
 * pixel isn't finite, or larger than any scale explains.
 */
export function countImages(
  { name, input }: ModelSpec,
  pixels: Images,
): number {
  const size = input.reduce((a, b) => a * b);
  if (pixels.length % size !== 0) {
    throw new RangeError(
      `Cannot classify with ${name}: pixels must be whole images of ${
        input.join("×")
      }: there are ${pixels.length}`,
    );
  }
  if (pixels instanceof Float32Array) {
    for (let i = 0; i < pixels.length; i++) {
      if (Math.abs(pixels[i]) <= LARGEST_PIXEL) continue;
      throw new RangeError(
        `Cannot classify with ${name}: pixels must be finite, and about 0 to 1: pixel ${i} is ${
          pixels[i]
        }`,
      );
    }
  }
  return pixels.length / size;
}
