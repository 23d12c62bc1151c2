import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { type AugmentationSpec, checkAugmentation } from "./augmentation.ts";
import { type ImageShape, pixelCount } from "./dataset.ts";
import { drawAffine } from "./draw_affine.ts";
import { elasticField } from "./elastic_field.ts";

/**
 * Each image seen through a random affine map and an elastic field: the new pixel
 * at p is the old image at A(p) + d(p), bilinear between pixels and 0 outside,
 * rounded to a byte. `[n, height, width, channels]` → the same shape, row-major.
 *
 * Image `i` draws from `streamOf(i)`, the map first, then the field: equal streams
 * give equal images whatever is augmented beside them. Throws a `RangeError` where
 * `spec` is out of bounds.
 *
 * Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural
 * networks applied to visual document analysis", 2003.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { augmentImages } from "./augment_images.ts";
 * import { NO_AUGMENTATION } from "./augmentation.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const image = Uint8Array.of(1, 2, 3, 4);
 * const streamOf = (index: number) => randomStream(1, "augment", index);
 * assertEquals(augmentImages(image, [2, 2, 1], NO_AUGMENTATION, streamOf), image);
 * ```
 */
export function augmentImages(
  pixels: Uint8Array,
  shape: ImageShape,
  spec: AugmentationSpec,
  streamOf: (index: number) => Xoshiro128,
): Uint8Array<ArrayBuffer> {
  checkAugmentation(spec);
  const [height, width, channels] = shape;
  const size = pixelCount(shape);
  const augmented = new Uint8Array(pixels.length);
  const still = new Float32Array(height * width);
  const drawField = spec.elastic.amplitude > 0
    ? elasticField([height, width], spec.elastic)
    : () => ({ across: still, down: still });
  for (let index = 0; index * size < pixels.length; index++) {
    const random = streamOf(index);
    const map = drawAffine(spec, random);
    const field = drawField(random);
    const image = index * size;
    const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
    for (let row = 0; row < height; row++) {
      const y = row - centreY;
      for (let column = 0; column < width; column++) {
        const place = row * width + column;
        const x = column - centreX;
        const fromX = map.aa * x + map.ab * y + map.across + centreX +
          field.across[place];
        const fromY = map.ba * x + map.bb * y + map.down + centreY +
          field.down[place];
        const left = Math.floor(fromX);
        const top = Math.floor(fromY);
        if (left < -1 || left >= width || top < -1 || top >= height) continue;
        const [u, v] = [fromX - left, fromY - top];
        // What lies outside weighs nothing.
        const west = left >= 0 ? 1 - u : 0;
        const east = left + 1 < width ? u : 0;
        const north = top >= 0 ? 1 - v : 0;
        const south = top + 1 < height ? v : 0;
        // Where a weight is 0 any pixel of the image will do.
        const x0 = left >= 0 ? left : 0;
        const x1 = left + 1 < width ? left + 1 : left;
        const y0 = top >= 0 ? top : 0;
        const y1 = top + 1 < height ? top + 1 : top;
        for (let channel = 0; channel < channels; channel++) {
          const at = (line: number, across: number) =>
            pixels[image + (line * width + across) * channels + channel];
          augmented[image + place * channels + channel] = Math.round(
            north * (west * at(y0, x0) + east * at(y0, x1)) +
              south * (west * at(y1, x0) + east * at(y1, x1)),
          );
        }
      }
    }
  }
  return augmented;
}
