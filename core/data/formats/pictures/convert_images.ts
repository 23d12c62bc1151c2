import { type ImageShape, pixelCount } from "../../image_shape.ts";

/** What each new pixel along one axis takes from which old ones. */
interface Taps {
  /** First old pixel of each new one: `[to]`. */
  starts: Int32Array<ArrayBuffer>;
  /** How many old pixels a new one takes at the most. */
  reach: number;
  /** Weights `[to, reach]` of 22 bits, 0 beyond the last; a row's sum is about 2^22. */
  weights: Int32Array<ArrayBuffer>;
}

/** Bits of a weight: with a pixel's 8 and a sum of about 1 they stay within 31. */
const BITS = 22;

/** Taps of the axes met so far, by both lengths: pictures of one size come in thousands. */
const known = new Map<string, Taps>();
const MOST_KNOWN = 64;

/**
 * Weights that bring `from` pixels to `to`: a triangle of one new pixel's half width
 * to either side, or of one old pixel's where the image grows, cut at the edges.
 */
function findTaps(from: number, to: number): Taps {
  const key = `${from} ${to}`;
  const kept = known.get(key);
  if (kept) return kept;
  const scale = from / to;
  const width = Math.max(1, scale);
  const reach = 2 * Math.ceil(width) + 1;
  const starts = new Int32Array(to);
  const weights = new Int32Array(to * reach);
  for (let pixel = 0; pixel < to; pixel++) {
    const centre = (pixel + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - width + 0.5));
    const end = Math.min(from, Math.floor(centre + width + 0.5));
    const row = Array.from(
      { length: end - first },
      (_, i) => Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / width),
    );
    const sum = row.reduce((a, b) => a + b, 0);
    starts[pixel] = Math.min(first, Math.max(0, from - reach));
    const shift = first - starts[pixel];
    row.forEach((weight, i) => {
      weights[pixel * reach + shift + i] = Math.round(weight / sum * 2 ** BITS);
    });
  }
  const taps = { starts, reach: Math.min(reach, from), weights };
  if (taps.reach < reach) {
    // A short axis: rows of weights close up.
    taps.weights = new Int32Array(to * taps.reach);
    for (let pixel = 0; pixel < to; pixel++) {
      taps.weights.set(
        weights.subarray(pixel * reach, pixel * reach + taps.reach),
        pixel * taps.reach,
      );
    }
  }
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, taps);
  return taps;
}

/** A half, so that sums are rounded. */
const HALF = 2 ** (BITS - 1);

/** Lines of `pixels` with as many pixels as `taps` has rows, into `narrowed`. */
function narrow(
  pixels: Uint8Array,
  channels: number,
  { starts, reach, weights }: Taps,
  narrowed: Uint8Array,
): void {
  const wide = starts.length;
  const lines = narrowed.length / (wide * channels);
  const width = pixels.length / (lines * channels);
  for (let y = 0; y < lines; y++) {
    for (let x = 0; x < wide; x++) {
      const from = (y * width + starts[x]) * channels;
      const to = (y * wide + x) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let i = 0; i < reach; i++) {
          sum += weights[x * reach + i] * pixels[from + i * channels + c];
        }
        narrowed[to + c] = sum >> BITS;
      }
    }
  }
}

/** {@linkcode narrow} of three channels at once: most of what a large photo takes. */
function narrowColours(
  pixels: Uint8Array,
  { starts, reach, weights }: Taps,
  narrowed: Uint8Array,
): void {
  const wide = starts.length;
  const lines = narrowed.length / (wide * 3);
  const width = pixels.length / (lines * 3);
  for (let y = 0; y < lines; y++) {
    for (let x = 0; x < wide; x++) {
      let at = (y * width + starts[x]) * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = x * reach; i < (x + 1) * reach; i++) {
        const weight = weights[i];
        red = red + Math.imul(weight, pixels[at]) | 0;
        green = green + Math.imul(weight, pixels[at + 1]) | 0;
        blue = blue + Math.imul(weight, pixels[at + 2]) | 0;
        at += 3;
      }
      const to = (y * wide + x) * 3;
      narrowed[to] = red >> BITS;
      narrowed[to + 1] = green >> BITS;
      narrowed[to + 2] = blue >> BITS;
    }
  }
}

/**
 * One image `[height, width, channels]` at another size, its proportions not kept:
 * each new pixel is the mean of the old ones under a triangle that grows as the image
 * shrinks, so that nothing aliases; across first, then down, each rounded to a byte.
 *
 * Source: what Pillow's `Image.resize` does by its filter `BILINEAR`, and torchvision's
 * `Resize` with `antialias`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resizeImage } from "./convert_images.ts";
 *
 * const stripes = Uint8Array.of(0, 255, 0, 255, 0, 255, 0, 255);
 * assertEquals(resizeImage(stripes, [1, 8, 1], [1, 2]), Uint8Array.of(118, 137));
 * ```
 */
export function resizeImage(
  pixels: Uint8Array,
  [height, width, channels]: ImageShape,
  [tall, wide]: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  let narrowed = pixels;
  if (wide !== width) {
    narrowed = new Uint8Array(height * wide * channels);
    const taps = findTaps(width, wide);
    if (channels === 3) narrowColours(pixels, taps, narrowed);
    else narrow(pixels, channels, taps, narrowed);
  }
  if (tall === height) return new Uint8Array(narrowed);
  // Down, each line of pixels and channels is one column of lines.
  const { starts, reach, weights } = findTaps(height, tall);
  const line = wide * channels;
  const resized = new Uint8Array(tall * line);
  for (let y = 0; y < tall; y++) {
    const from = starts[y] * line;
    for (let x = 0; x < line; x++) {
      let sum = HALF;
      for (let i = 0; i < reach; i++) {
        sum += weights[y * reach + i] * narrowed[from + i * line + x];
      }
      resized[y * line + x] = sum >> BITS;
    }
  }
  return resized;
}

/**
 * Brightness of each colour, 0.299 R + 0.587 G + 0.114 B in 16 bits, rounded
 * (ITU-R BT.601, as Pillow's mode L): `[n, 3]` → `[n]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toGrey } from "./convert_images.ts";
 *
 * assertEquals(toGrey(Uint8Array.of(255, 0, 0, 9, 9, 9)), Uint8Array.of(76, 9));
 * ```
 */
export function toGrey(colours: Uint8Array): Uint8Array<ArrayBuffer> {
  const grey = new Uint8Array(colours.length / 3);
  for (let i = 0; i < grey.length; i++) {
    const [r, g, b] = [colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]];
    grey[i] = (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16;
  }
  return grey;
}

/** Each grey as a colour, `[n]` → `[n, 3]`. */
export function toColour(grey: Uint8Array): Uint8Array<ArrayBuffer> {
  const colours = new Uint8Array(3 * grey.length);
  for (let i = 0; i < grey.length; i++) colours.fill(grey[i], 3 * i, 3 * i + 3);
  return colours;
}

/**
 * Images `[n, ...from]` brought to `[n, ...to]`: colours made grey or grey colours,
 * then resized as {@linkcode resizeImage} does.
 *
 * Throws a `RangeError` where channels are others than 1 and 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { convertImages } from "./convert_images.ts";
 *
 * assertEquals(convertImages(Uint8Array.of(7), [1, 1, 1], [1, 1, 3]), Uint8Array.of(7, 7, 7));
 * ```
 */
export function convertImages(
  images: Uint8Array,
  from: ImageShape,
  to: ImageShape,
): Uint8Array<ArrayBuffer> {
  const [height, width, channels] = from;
  const [tall, wide, wanted] = to;
  if (channels !== wanted && !([1, 3].includes(channels))) {
    throw new RangeError(
      `Cannot convert images to ${
        to.join("×")
      }: they must have 1 channel or 3: they have ${channels}`,
    );
  }
  const recoloured = channels === wanted
    ? images
    : wanted === 1
    ? toGrey(images)
    : toColour(images);
  const shape: ImageShape = [height, width, wanted];
  const size = pixelCount(shape);
  const count = recoloured.length / size;
  const converted = new Uint8Array(count * pixelCount(to));
  for (let image = 0; image < count; image++) {
    converted.set(
      resizeImage(
        recoloured.subarray(image * size, (image + 1) * size),
        shape,
        [tall, wide],
      ),
      image * pixelCount(to),
    );
  }
  return converted;
}
