import type { Xoshiro128 } from "../random/xoshiro128.ts";
import { type AugmentationSpec, checkAugmentation } from "./augmentation.ts";
import { type ImageShape, pixelCount } from "./dataset.ts";

/** How far each pixel is moved: two fields `[height, width]`. */
interface DisplacementField {
  across: Float32Array<ArrayBuffer>;
  down: Float32Array<ArrayBuffer>;
}

/** Standard deviations after which a Gaussian is cut off. */
const REACH = 3;
const HALF = 2 ** 16;

/**
 * g_i ∝ exp(−i² / 2σ²) for −⌈3σ⌉ ≤ i ≤ ⌈3σ⌉, Σ g_i = 1; σ `deviation` is > 0.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { gaussianWeights } from "./augment_images.ts";
 *
 * const [edge, middle] = gaussianWeights(1 / 3);
 * assertAlmostEquals(edge / middle, Math.exp(-4.5), 1e-7);
 * ```
 */
export function gaussianWeights(deviation: number): Float32Array<ArrayBuffer> {
  const reach = Math.ceil(REACH * deviation);
  const raw = Float64Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return Float32Array.from(raw, (value) => value / sum);
}

/**
 * Each of `lines` lines of `count` values smoothed by `weights`, 0 beyond its
 * ends, and written as a column: so that doing it twice smooths both ways.
 */
function smoothLines(
  from: Float32Array,
  to: Float32Array,
  [lines, count]: [number, number],
  weights: Float32Array,
): void {
  const reach = (weights.length - 1) / 2;
  for (let line = 0; line < lines; line++) {
    const start = line * count;
    for (let place = 0; place < count; place++) {
      const first = Math.max(0, place - reach);
      const last = Math.min(count - 1, place + reach);
      const offset = reach - place;
      let sum = 0;
      for (let i = first; i <= last; i++) {
        sum += from[start + i] * weights[i + offset];
      }
      to[place * lines + line] = sum;
    }
  }
}

/**
 * Draws elastic fields of images of one size: u and v = amplitude · (g ∗ noise),
 * where the noise is uniform over [−1, 1), 0 outside the image, and g the Gaussian
 * of {@linkcode gaussianWeights}, in pixels. The function that it gives fills the
 * same two arrays again and again.
 *
 * Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural
 * networks applied to visual document analysis", 2003, section 2, where σ = 4 and
 * the amplitude, α, is 34.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { elasticField } from "./augment_images.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const draw = elasticField([28, 28], { amplitude: 34, deviation: 4 });
 * const { across } = draw(randomStream(1));
 * assert(across.every((pixels) => Math.abs(pixels) < 34));
 * ```
 */
export function elasticField(
  [height, width]: readonly [number, number],
  { amplitude, deviation }: { amplitude: number; deviation: number },
): (random: Xoshiro128) => DisplacementField {
  const size = height * width;
  const along = gaussianWeights(deviation);
  const scaled = along.map((weight) => weight * amplitude);
  const noise = [new Float32Array(size), new Float32Array(size)];
  const halfway = new Float32Array(size);
  const [across, down] = [new Float32Array(size), new Float32Array(size)];
  return (random) => {
    for (let i = 0; i < size; i++) {
      const word = random.uint32();
      noise[0][i] = (word & (HALF - 1)) * (2 / HALF) - 1;
      noise[1][i] = (word >>> 16) * (2 / HALF) - 1;
    }
    [across, down].forEach((field, index) => {
      smoothLines(noise[index], halfway, [height, width], along);
      smoothLines(halfway, field, [width, height], scaled);
    });
    return { across, down };
  };
}

/**
 * Where a pixel of the new image comes from, relative to the image's centre:
 * (`aa`·x + `ab`·y + `across`, `ba`·x + `bb`·y + `down`).
 */
interface AffineMap {
  aa: number;
  ab: number;
  ba: number;
  bb: number;
  across: number;
  down: number;
}

/**
 * The inverse of scaling by f, shearing by k, turning by φ and moving by
 * (tx, ty), in this order, so that a new image is filled by looking each pixel up:
 *
 * p ↦ S(k)⁻¹ · R(−φ) · (p − t) / f, S(k) = [[1, k], [0, 1]]
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affineMap } from "./augment_images.ts";
 *
 * const map = affineMap({ factor: 2, shear: 0, radians: 0, across: 4, down: 0 });
 * assertEquals([map.aa, map.across], [0.5, -2]);
 * ```
 */
export function affineMap(
  { factor, shear, radians, across, down }: {
    factor: number;
    shear: number;
    radians: number;
    across: number;
    down: number;
  },
): AffineMap {
  const cos = Math.cos(radians) / factor;
  const sin = Math.sin(radians) / factor;
  const aa = cos + shear * sin;
  const ab = sin - shear * cos;
  const [ba, bb] = [-sin, cos];
  return {
    aa,
    ab,
    ba,
    bb,
    across: -(aa * across + ab * down),
    down: -(ba * across + bb * down),
  };
}

/**
 * A random {@linkcode affineMap} within the bounds of `spec`, every number
 * uniform over its interval.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NO_AUGMENTATION } from "./augmentation.ts";
 * import { drawAffine } from "./augment_images.ts";
 * import { randomStream } from "../random/stream.ts";
 *
 * const { aa, bb, across } = drawAffine(NO_AUGMENTATION, randomStream(1));
 * assertEquals([aa, bb, Math.abs(across)], [1, 1, 0]);
 * ```
 */
export function drawAffine(
  { shift, scale, rotation, shear }: AugmentationSpec,
  random: Xoshiro128,
): AffineMap {
  const within = (reach: number) => (2 * random.uniform() - 1) * reach;
  return affineMap({
    factor: 1 + within(scale),
    shear: within(shear),
    radians: within(rotation) * Math.PI / 180,
    across: within(shift),
    down: within(shift),
  });
}

/**
 * Each image seen through a random affine map and an elastic field: the new pixel
 * at p is the old image at A(p) + d(p), bilinear between pixels and 0 outside, or as
 * at the edge, rounded to a byte; then mirrored, or not. `[n, height, width, channels]` → the same shape, row-major.
 *
 * Image `i` draws from `streamOf(i)`, the map first, then the field, then whether it
 * is mirrored: equal streams
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
    const mirrored = spec.flip === true && random.uniform() < 0.5;
    const image = index * size;
    const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
    for (let row = 0; row < height; row++) {
      const y = row - centreY;
      for (let column = 0; column < width; column++) {
        const place = row * width + column;
        const x = column - centreX;
        let fromX = map.aa * x + map.ab * y + map.across + centreX +
          field.across[place];
        let fromY = map.ba * x + map.bb * y + map.down + centreY +
          field.down[place];
        if (spec.border === "edge") {
          fromX = Math.min(Math.max(fromX, 0), width - 1);
          fromY = Math.min(Math.max(fromY, 0), height - 1);
        }
        const left = Math.floor(fromX);
        const top = Math.floor(fromY);
        if (left < -1 || left >= width || top < -1 || top >= height) continue;
        const to = mirrored ? place + width - 1 - 2 * column : place;
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
          augmented[image + to * channels + channel] = Math.round(
            north * (west * at(y0, x0) + east * at(y0, x1)) +
              south * (west * at(y1, x0) + east * at(y1, x1)),
          );
        }
      }
    }
  }
  return augmented;
}
