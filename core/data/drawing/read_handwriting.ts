import { resizeImage, toGrey } from "../formats/pictures/convert_images.ts";
import type { Picture } from "../formats/pictures/picture.ts";
import { CANVAS_SIDE } from "./drawing.ts";
import { BOX_SIDE } from "./mnist_frame.ts";
import { inkBounds, normaliseImage } from "./normalise_image.ts";
import { PEN_WIDTH } from "./pen.ts";
import type { Raster } from "./raster.ts";

/** Longest side at which a photo is looked at: ten times what a model sees of it. */
const LONGEST = 280;
/** Times that the paper's brightness is fitted to what is left when ink is left out. */
const FITS = 4;
/** One row and column in so many is fitted to: light doesn't change from pixel to pixel. */
const EVERY = 4;
/** Ink must differ from the paper by so many levels of 256, and from its noise by so many times that. */
const LEAST_CONTRAST = 24;
const NOISE = 4;
/** A blot that is a smaller part of the largest one is dust. */
const DUST = 0.04;

/** Brightness by a smooth surface over the picture: what light does on paper. */
type Surface = (x: number, y: number) => number;

/** The terms of a surface of second degree, x and y from −1 to 1. */
function termsAt(x: number, y: number): number[] {
  return [1, x, y, x * x, x * y, y * y];
}

/** Solves `matrix` · s = `right` by elimination; a row without a pivot counts for nothing. */
function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let column = 0; column < size; column++) {
    const best = rows.slice(column).reduce(
      (most, row, i) =>
        Math.abs(row[column]) > Math.abs(rows[most][column])
          ? column + i
          : most,
      column,
    );
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column][column];
    if (Math.abs(pivot) < 1e-9) continue;
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = rows[row][column] / pivot;
      for (let i = column; i <= size; i++) {
        rows[row][i] -= factor * rows[column][i];
      }
    }
  }
  return rows.map((row, i) => Math.abs(row[i]) < 1e-9 ? 0 : row[size] / row[i]);
}

/** The middle one of `values`, of which some thousands are asked. */
function median(values: Float32Array): number {
  const step = Math.ceil(values.length / 10_007);
  const some = values.filter((_, index) => index % step === 0);
  return some.sort()[some.length >> 1];
}

/** The surface that is nearest, in squares, to the pixels that `counts` lets count. */
function fitSurface(
  { pixels, width, height }: Raster,
  counts: (index: number) => boolean,
): Surface {
  const across = (x: number) => 2 * x / Math.max(1, width - 1) - 1;
  const down = (y: number) => 2 * y / Math.max(1, height - 1) - 1;
  const matrix = Array.from({ length: 6 }, () => new Array<number>(6).fill(0));
  const right = new Array<number>(6).fill(0);
  for (let y = 0; y < height; y += EVERY) {
    for (let x = 0; x < width; x += EVERY) {
      if (!counts(y * width + x)) continue;
      const terms = termsAt(across(x), down(y));
      terms.forEach((term, i) => {
        right[i] += term * pixels[y * width + x];
        terms.forEach((other, j) => matrix[i][j] += term * other);
      });
    }
  }
  const [level, onX, onY, onXx, onXy, onYy] = solve(matrix, right);
  return (column, row) => {
    const [x, y] = [across(column), down(row)];
    return level + x * (onX + onXx * x + onXy * y) + y * (onY + onYy * y);
  };
}

/**
 * By how much each pixel is lighter than the paper around it, and the noise of that
 * paper: its brightness is fitted to all pixels, then to those that are near it.
 */
function liftFromPaper(
  raster: Raster,
): { lifted: Float32Array; noise: number } {
  const { pixels, width, height } = raster;
  const lifted = new Float32Array(pixels.length);
  const middle = median(pixels);
  lifted.set(pixels.map((value) => value - middle));
  let noise = median(lifted.map(Math.abs));
  for (let fit = 0; fit < FITS; fit++) {
    const near = 3 * Math.max(1, noise);
    const surface = fitSurface(raster, (i) => Math.abs(lifted[i]) <= near);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const index = y * width + x;
        lifted[index] = pixels[index] - surface(x, y);
      }
    }
    noise = median(lifted.map(Math.abs));
  }
  return { lifted, noise };
}

/** Otsu's threshold: that which parts `values`, levels from 0, into the two most unlike heaps. */
function findThreshold(values: Float32Array): number {
  const counts = new Uint32Array(256);
  for (const value of values) {
    counts[Math.min(255, Math.max(0, Math.round(value)))]++;
  }
  const sum = counts.reduce((all, count, level) => all + count * level, 0);
  let [below, sumBelow, most, first, last] = [0, 0, -1, 0, 0];
  for (let level = 0; level < 255; level++) {
    below += counts[level];
    sumBelow += counts[level] * level;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const apart = sumBelow / below - (sum - sumBelow) / above;
    const score = below * above * apart * apart;
    if (score > most) [most, first] = [score, level];
    if (score === most) last = level;
  }
  return (first + last) / 2;
}

/** Connected pixels of ink. */
interface Blot {
  pixels: number[];
  /** Whether it goes over the picture's edge, as shadows and tables do. */
  cut: boolean;
}

/** The blots of `ink`, corners touching counted as connected. */
function findBlots({ pixels, width, height }: Raster): Blot[] {
  const seen = new Uint8Array(pixels.length);
  const blots: Blot[] = [];
  for (let start = 0; start < pixels.length; start++) {
    if (seen[start] || pixels[start] < 0.5) continue;
    seen[start] = 1;
    const blot: Blot = { pixels: [start], cut: false };
    for (const pixel of blot.pixels) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      blot.cut ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      for (let row = Math.max(0, y - 1); row <= y + 1 && row < height; row++) {
        for (
          let column = Math.max(0, x - 1);
          column <= x + 1 && column < width;
          column++
        ) {
          const next = row * width + column;
          if (seen[next] || pixels[next] < 0.5) continue;
          seen[next] = 1;
          blot.pixels.push(next);
        }
      }
    }
    blots.push(blot);
  }
  return blots;
}

/** `ink` without dust, and without what goes over the edge where something doesn't. */
function keepWriting(ink: Raster): Raster {
  const blots = findBlots(ink);
  const whole = blots.filter(({ cut }) => !cut);
  const largest = (some: Blot[]) =>
    some.reduce((most, { pixels }) => Math.max(most, pixels.length), 0);
  const chosen = largest(whole) >= DUST * largest(blots) ? whole : blots;
  const least = DUST * largest(chosen);
  const pixels = new Float32Array(ink.pixels.length);
  const keep = (pixel: number) => pixels[pixel] = ink.pixels[pixel];
  for (const blot of chosen) {
    if (blot.pixels.length < least) continue;
    // With the faint pixels at its edge.
    for (const pixel of blot.pixels) {
      for (const step of [0, -1, 1, -ink.width, ink.width]) {
        if (pixel + step >= 0 && pixel + step < pixels.length) {
          keep(pixel + step);
        }
      }
    }
  }
  return { ...ink, pixels };
}

/** How wide the pen is that drew `ink`, in pixels: twice the ink by its outline. */
function measurePen({ pixels, width }: Raster): number {
  let [area, outline] = [0, 0];
  pixels.forEach((value, index) => {
    area += value;
    if (index % width > 0) outline += Math.abs(value - pixels[index - 1]);
    if (index >= width) outline += Math.abs(value - pixels[index - width]);
  });
  // Steps along a slant count 4 / π times its length in the mean.
  return outline === 0 ? 0 : 2 * area / (outline * Math.PI / 4);
}

/** `ink` drawn by a pen that is `more` pixels wider. */
function widen({ pixels, width, height }: Raster, more: number): Raster {
  const radius = more / 2;
  const reach = Math.ceil(radius);
  const margin = reach + 1;
  const wide = width + 2 * margin;
  const tall = height + 2 * margin;
  const widened = new Float32Array(wide * tall);
  const inked = [...pixels.keys()].filter((index) => pixels[index] > 0);
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const share = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)));
      if (share === 0) continue;
      for (const index of inked) {
        const row = Math.floor(index / width) + margin + y;
        const to = row * wide + index % width + margin + x;
        widened[to] = Math.max(widened[to], pixels[index] * share);
      }
    }
  }
  return { pixels: widened, width: wide, height: tall };
}

/** `picture` in greys, at most {@linkcode LONGEST} long. */
function shrinkToGrey({ shape, pixels }: Picture): Raster {
  const [height, width, channels] = shape;
  const grey = channels === 3 ? toGrey(pixels) : pixels;
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const [tall, wide] = [height, width]
    .map((side) => Math.max(1, Math.round(side * scale)));
  const small = resizeImage(grey, [height, width, 1], [tall, wide]);
  return { pixels: Float32Array.from(small), width: wide, height: tall };
}

/** Whether most of `pixels` are nearer to their lightest than to their darkest. */
function isLight(pixels: Float32Array): boolean {
  const sorted = pixels.toSorted();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return at(0.5) - at(0.002) > at(0.998) - at(0.5);
}

/**
 * The image that a model of handwriting sees of a photo or scan of one character,
 * `[28, 28]` in [0, 1]: ink light on black whichever it was, freed of uneven light,
 * noise, dust and what goes over the edge; drawn by a pen as wide as MNIST's, where
 * it was thinner; then cropped, scaled and centred as {@linkcode normaliseImage} does.
 * null where no ink can be told from the paper. A picture of 28×28 stays as it is, but
 * that ink becomes light.
 *
 * Source: N. Otsu, "A threshold selection method from gray-level histograms", 1979.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHandwriting } from "./read_handwriting.ts";
 *
 * const paper = new Uint8Array(60 * 60).fill(220);
 * assertEquals(readHandwriting({ shape: [60, 60, 1], pixels: paper }), null);
 * for (let y = 10; y < 50; y++) paper.fill(30, 60 * y + 28, 60 * y + 32); // a 1
 * const one = readHandwriting({ shape: [60, 60, 1], pixels: paper });
 * assertEquals([3, 14, 25].map((row) => one?.[row * 28 + 14]), [0, 1, 0]);
 * ```
 */
export function readHandwriting(
  picture: Picture,
): Float32Array<ArrayBuffer> | null {
  const raster = shrinkToGrey(picture);
  const { width, height } = raster;
  if (isLight(raster.pixels)) {
    raster.pixels = raster.pixels.map((value) => 255 - value);
  }
  if (width === CANVAS_SIDE && height === CANVAS_SIDE) {
    const isBlank = raster.pixels.every((value) => value === raster.pixels[0]);
    return isBlank ? null : Float32Array.from(raster.pixels, (v) => v / 255);
  }
  const { lifted, noise } = liftFromPaper(raster);
  const threshold = findThreshold(lifted);
  const inked = lifted.filter((value) => value > threshold);
  if (inked.length === 0) return null;
  const level = median(inked);
  if (level < Math.max(LEAST_CONTRAST, NOISE * noise)) return null;
  const least = Math.max(level / 4, 2 * noise);
  let ink: Raster = keepWriting({
    width,
    height,
    pixels: lifted.map((value) =>
      Math.min(1, Math.max(0, (value - least) / (level - least)))
    ),
  });
  const bounds = inkBounds(ink);
  if (!bounds) return null;
  const unit = Math.max(bounds.width, bounds.height) / BOX_SIDE;
  const more = PEN_WIDTH * unit - measurePen(ink);
  if (more > 0) ink = widen(ink, more);
  const image = normaliseImage(
    ink.pixels.map((value) => Math.min(1, value)),
    ink.width,
    ink.height,
  );
  const most = image?.reduce((a, b) => Math.max(a, b)) ?? 0;
  return image?.map((value) => value / most) ?? null;
}
