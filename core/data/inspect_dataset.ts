import { hash } from "node:crypto";
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
  const learnt = hashEach(train);
  const tested = hashEach(test);
  // Of each key's first image the place and 1, where its first word says, or behind; a
  // `Map` takes five times the memory.
  const places = new Uint32Array(
    2 ** Math.ceil(Math.log2(2 * train.count + 1)),
  );
  /** Where in `places` the image is that has the key at `at` of `keys`, or would be. */
  const findPlace = (keys: Uint32Array, at: number): number => {
    const key = keys.subarray(KEY_WORDS * at, KEY_WORDS * (at + 1));
    let place = key[0] & places.length - 1;
    while (
      places[place] > 0 &&
      key.some((word, i) =>
        word !== learnt[KEY_WORDS * (places[place] - 1) + i]
      )
    ) place = place + 1 & places.length - 1;
    return place;
  };
  for (let at = 0; at < train.count; at++) {
    const place = findPlace(learnt, at);
    if (places[place] === 0) places[place] = at + 1;
  }
  const found: Duplicate[] = [];
  for (let at = 0; at < test.count; at++) {
    const same = places[findPlace(tested, at)] - 1;
    if (same < 0) continue;
    const agree = train.labels[same] === test.labels[at];
    found.push({ train: same, test: at, agree });
  }
  return found;
}

/** Words of 32 bits that an image is known by: of 128 bits no two are ever alike by chance. */
const KEY_WORDS = 4;

/** The first 128 bits of each image's SHA-256, `[count, 4]`. */
function hashEach(examples: Examples): Uint32Array<ArrayBuffer> {
  const size = pixelCount(examples.shape);
  const keys = new Uint32Array(KEY_WORDS * examples.count);
  for (const { from, pixels } of imageParts(examples)) {
    for (let at = 0; at * size < pixels.length; at++) {
      const image = pixels.subarray(at * size, (at + 1) * size);
      const digest = hash("sha256", image, "buffer");
      for (let word = 0; word < KEY_WORDS; word++) {
        keys[KEY_WORDS * (from + at) + word] = digest.readUint32LE(4 * word);
      }
    }
  }
  return keys;
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
