import { crc32 } from "node:zlib";
import {
  type Examples,
  imageParts,
  pixelCount,
  readImages,
} from "./dataset.ts";
import type { Picture } from "./formats/pictures/picture.ts";

/**
 * How many examples each class has, in the order of labels.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countLabels } from "./inspect_dataset.ts";
 *
 * assertEquals(countLabels(Uint8Array.of(0, 2, 0), 3), [2, 0, 1]);
 * ```
 */
export function countLabels(
  labels: Examples["labels"],
  classes: number,
): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** Two images with the same pixels. */
export interface Duplicate {
  /** Place of the one among those to learn from. */
  train: number;
  /** Place of the other among those to test by. */
  test: number;
  /** Whether both have one label. */
  agree: boolean;
}

/**
 * The test images whose very pixels are among those to learn from, each with the first
 * such: a model is not tested by what it has learnt.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findDuplicates } from "./inspect_dataset.ts";
 *
 * const part = (images: number[], labels: number[]) => ({
 *   count: images.length,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.from(images),
 *   labels: Uint8Array.from(labels),
 * });
 * const found = findDuplicates(part([7, 8, 8], [0, 1, 1]), part([9, 8], [0, 0]));
 * assertEquals(found, [{ train: 1, test: 1, agree: false }]);
 * ```
 */
export function findDuplicates(train: Examples, test: Examples): Duplicate[] {
  // Places and checksums, each pair as the two halves of one number.
  const learnt = new Uint32Array(sortChecksums(train).buffer);
  /** The first of `learnt` with this checksum, or where it would stand. */
  const find = (checksum: number): number => {
    let [from, to] = [0, train.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (learnt[2 * middle + 1] < checksum) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  const found: Duplicate[] = [];
  for (const [at, image] of eachImage(test)) {
    const checksum = crc32(image);
    for (
      let next = find(checksum);
      next < train.count && learnt[2 * next + 1] === checksum;
      next++
    ) {
      const place = learnt[2 * next];
      const other = readImages(train, place, place + 1);
      if (!image.every((pixel, i) => pixel === other[i])) continue;
      const agree = train.labels[place] === test.labels[at];
      found.push({ train: place, test: at, agree });
      break;
    }
  }
  return found;
}

/** Each image with its place, whose pixels are there until the next. */
function* eachImage(
  examples: Examples,
): Generator<[place: number, image: Uint8Array]> {
  const size = pixelCount(examples.shape);
  for (const { from, pixels } of imageParts(examples)) {
    for (let at = 0; at * size < pixels.length; at++) {
      yield [from + at, pixels.subarray(at * size, (at + 1) * size)];
    }
  }
}

/**
 * The CRC-32 of each image in the upper half of a number, its place in the lower, in
 * order: `[count]`. 8 bytes an image, and nothing else of it: a SHA-256 of each leaves
 * some hundred behind until memory is short.
 */
function sortChecksums(examples: Examples): BigUint64Array<ArrayBuffer> {
  const pairs = new BigUint64Array(examples.count);
  const halves = new Uint32Array(pairs.buffer);
  for (const [place, image] of eachImage(examples)) {
    halves[2 * place] = place;
    halves[2 * place + 1] = crc32(image);
  }
  return pairs.sort();
}

/** Pixels between images of a sheet, and their grey. */
const GAP = 2;
const PAPER = 128;
/** Rows, columns and pixels that a sheet may have. */
const MOST_ROWS = 100;
const COLUMNS = 12;
const MOST_SHEET = 2 ** 26;

/**
 * A sheet of `examples`: a row for each of the first 100 classes, in their order, and
 * in it the first 12 images of that class; on grey. Images of two channels, or of more
 * than 3, are shown by their first.
 *
 * Throws a `RangeError` where images are too large for one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { drawContactSheet } from "./inspect_dataset.ts";
 *
 * const examples = {
 *   count: 1,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.of(255),
 *   labels: Uint8Array.of(1),
 * };
 * const { shape, pixels } = drawContactSheet(examples, 2);
 * assertEquals([shape, pixels[5 * 38 + 2], pixels[2 * 38 + 2]], [[8, 38, 1], 255, 128]);
 * ```
 */
export function drawContactSheet(
  examples: Examples,
  classes: number,
): Picture {
  const { labels, shape } = examples;
  const [height, width, channels] = shape;
  const rows = Math.min(classes, MOST_ROWS);
  const shown = channels === 3 ? 3 : 1;
  const tall = rows * (height + GAP) + GAP;
  const wide = COLUMNS * (width + GAP) + GAP;
  if (tall * wide > MOST_SHEET) {
    throw new RangeError(
      `Cannot draw a contact sheet: it must have at most ${
        MOST_SHEET.toLocaleString("en")
      } pixels: ${rows} rows of ${COLUMNS} images of ${shape.join("×")} have ${
        (tall * wide).toLocaleString("en")
      }; make them smaller with --image HxWxC`,
    );
  }
  const pixels = new Uint8Array(tall * wide * shown).fill(PAPER);
  const filled = new Uint32Array(rows);
  for (const [at, label] of labels.entries()) {
    if (label >= rows || filled[label] >= COLUMNS) continue;
    const top = GAP + label * (height + GAP);
    const left = GAP + filled[label]++ * (width + GAP);
    const image = readImages(examples, at, at + 1);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * width + x) * channels;
        const to = ((top + y) * wide + left + x) * shown;
        for (let c = 0; c < shown; c++) pixels[to + c] = image[from + c];
      }
    }
  }
  return { shape: [tall, wide, shown], pixels };
}

/** An image whose label a model contradicts. */
export interface SuspiciousLabel {
  /** Place of the image in its part. */
  image: number;
  label: number;
  /** What the model answers. */
  answer: number;
  /** How sure the model is of it, from 0 to 1. */
  probability: number;
}

/**
 * The images whose labels `logits`, `[count, classes]`, contradict, the surest answers
 * first: softmax's largest entry is another class's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findSuspicious } from "./inspect_dataset.ts";
 *
 * const logits = Float32Array.of(0, 3, 5, 0, 0, 9);
 * const found = findSuspicious(logits, Uint8Array.of(0, 0, 0));
 * assertEquals(found.map(({ image, answer }) => [image, answer]), [[2, 1], [0, 1]]);
 * ```
 */
export function findSuspicious(
  logits: Float32Array,
  labels: Examples["labels"],
): SuspiciousLabel[] {
  const classes = logits.length / labels.length;
  const found: SuspiciousLabel[] = [];
  labels.forEach((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const answer = row.reduce(
      (best, value, at) => value > row[best] ? at : best,
      0,
    );
    if (answer === label) return;
    const sum = row.reduce((all, z) => all + Math.exp(z - row[answer]), 0);
    found.push({ image, label, answer, probability: 1 / sum });
  });
  return found.sort((a, b) =>
    b.probability - a.probability || a.image - b.image
  );
}
