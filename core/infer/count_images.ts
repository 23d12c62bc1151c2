import type { ModelSpec } from "../models/spec.ts";

/** Pixels of n images `[n, height, width, channels]`: bytes 0 to 255, or numbers in [0, 1]. */
export type Images = Uint8Array | Float32Array;

/** How many images `pixels` are; throws a `RangeError` where a part of one is over. */
export function countImages(
  { name, input }: ModelSpec,
  pixels: Images,
): number {
  const size = input.reduce((a, b) => a * b);
  if (pixels.length % size === 0) return pixels.length / size;
  throw new RangeError(
    `Cannot classify with ${name}: pixels must be whole images of ${
      input.join("×")
    }: there are ${pixels.length}`,
  );
}
