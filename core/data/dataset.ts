import { createHash } from "node:crypto";
import { fillStored, readStored, type StoredImages } from "./stored_images.ts";
import { findSquare, type ImageShape, pixelCount } from "./image_shape.ts";

export { findSquare, type ImageShape, pixelCount };

/** Classes of examples, each from 0: 16 bits each where there are more than 256. */
export type Labels = Uint8Array | Uint16Array;

/** Pixels of images, 0 to 255: in memory, or in files where there are too many. */
export type Pixels = Uint8Array | StoredImages;

/** Labelled images, as bytes; those of `Examples<Uint8Array>` are all in memory. */
export interface Examples<Held extends Pixels = Pixels> {
  /** How many there are. */
  count: number;
  /** Extent of each image. */
  shape: ImageShape;
  /**
   * Pixels `[count, height, width, channels]`, 0 to 255; workers may share them.
   * {@linkcode readImages} gives them wherever they lie.
   */
  images: Held;
  /** Classes `[count]`, from 0. */
  labels: Labels;
}

/** How a dataset's images may be varied: as handwritten digits, as photos, or not at all. */
export type AugmentationName = "digits" | "photos" | "none";

/** A classification dataset as published: one part to learn from, one to test. */
export interface Dataset<Held extends Pixels = Pixels> {
  /** What reports call it. */
  name: string;
  /** Extent of each image. */
  shape: ImageShape;
  /** Number of classes. */
  classes: number;
  /** What each class is called, in the order of labels: `[classes]`. */
  classNames: readonly string[];
  /** How its images may be varied and stay what they are. */
  augmentation: AugmentationName;
  /** The part to learn from, validation images included; none where only test files were given. */
  train: Examples<Held>;
  /** The part that is read once per finished model. */
  test: Examples<Held>;
  /** SHA-256 of each file, uncompressed, by its usual name. */
  sha256: Record<string, string>;
}

/** The most classes that a dataset may have. */
export const MOST_CLASSES = 2 ** 16;

/**
 * `length` labels of a dataset of `classes` classes, all 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeLabels } from "./dataset.ts";
 *
 * assertEquals([makeLabels(3, 256), makeLabels(3, 257)], [new Uint8Array(3), new Uint16Array(3)]);
 * ```
 */
export function makeLabels(
  length: number,
  classes: number,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  return classes > 256 ? new Uint16Array(length) : new Uint8Array(length);
}

/**
 * What `count` classes are called that have only numbers: "0", "1", ….
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { numberClasses } from "./dataset.ts";
 *
 * assertEquals(numberClasses(3), ["0", "1", "2"]);
 * ```
 */
export function numberClasses(count: number): string[] {
  return Array.from({ length: count }, (_, label) => `${label}`);
}

/**
 * Pixels of the images from `from` up to `to`, `[to - from, height, width, channels]`:
 * all of them unless given. Where they are in memory it is a view.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImages } from "./dataset.ts";
 *
 * const dots = { shape: [1, 1, 1] as const, images: Uint8Array.of(10, 20, 30) };
 * assertEquals(readImages(dots, 1, 3), Uint8Array.of(20, 30));
 * ```
 */
export function readImages(
  { images, shape }: Pick<Examples, "images" | "shape">,
  from = 0,
  to: number = imagesIn({ images, shape }),
): Uint8Array {
  const size = pixelCount(shape);
  return images instanceof Uint8Array
    ? images.subarray(from * size, to * size)
    : readStored(
      images,
      size,
      placesFrom(from, to - from),
    );
}

/** `count` places from `first` on. */
function placesFrom(first: number, count: number): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(count);
  for (let i = 0; i < count; i++) places[i] = first + i;
  return places;
}

function imagesIn(
  { images, shape }: Pick<Examples, "images" | "shape">,
): number {
  return images instanceof Uint8Array
    ? images.length / pixelCount(shape)
    : images.rows.length;
}

/** Throws unless all images of `dataset` are in memory: those that were read without `room` are. */
export function assertHeld(
  dataset: Dataset,
): asserts dataset is Dataset<Uint8Array> {
  const { name, train, test } = dataset;
  if (
    [train, test].every(({ images }) => images instanceof Uint8Array)
  ) return;
  throw new TypeError(
    `Cannot use ${name} at once: its images must be in memory: they lie in files; read it without \`room\``,
  );
}

/** Bytes of images that those who need them at once get of what lies in files. */
const HELD_BYTES = 2 ** 28;

/**
 * `examples` in memory, for those who need all at once: as many of the first as have
 * `most` bytes, 256 MiB unless given, where they lie in files.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holdExamples } from "./dataset.ts";
 *
 * const images = Uint8Array.of(10, 20);
 * const dots = { count: 2, shape: [1, 1, 1] as const, images, labels: Uint8Array.of(0, 1) };
 * assertEquals(holdExamples(dots), dots);
 * ```
 */
export function holdExamples(
  examples: Examples,
  most: number = HELD_BYTES,
): Examples<Uint8Array> {
  const { images, shape, labels } = examples;
  if (images instanceof Uint8Array) return { ...examples, images };
  const fitting = Math.max(1, Math.floor(most / pixelCount(shape)));
  const count = Math.min(examples.count, fitting);
  return {
    count,
    shape,
    images: readImages(examples, 0, count),
    labels: labels.slice(0, count),
  };
}

/** Bytes of images that are read at a time where all are gone through. */
const PART_BYTES = 2 ** 20;

/**
 * All images, one part after another, so that no more than a part is in memory where
 * they lie in files: `from` is the first one's place. Each part takes the place of the one
 * before in memory then: who keeps pixels copies them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageParts } from "./dataset.ts";
 *
 * const dots = { shape: [1, 1, 1] as const, images: Uint8Array.of(10, 20, 30) };
 * const parts = [...imageParts(dots, 2)].map(({ from, pixels }) => [from, ...pixels]);
 * assertEquals(parts, [[0, 10, 20], [2, 30]]);
 * ```
 */
export function* imageParts(
  examples: Pick<Examples, "images" | "shape">,
  most: number = Math.ceil(PART_BYTES / pixelCount(examples.shape)),
): Generator<{ from: number; pixels: Uint8Array }> {
  const { images, shape } = examples;
  const size = pixelCount(shape);
  const count = imagesIn(examples);
  const isHeld = images instanceof Uint8Array;
  const part = isHeld ? images : new Uint8Array(Math.min(count, most) * size);
  for (let from = 0; from < count; from += most) {
    const length = Math.min(most, count - from);
    const first = isHeld ? from * size : 0;
    const pixels = part.subarray(first, first + length * size);
    if (!isHeld) {
      const indices = placesFrom(from, length);
      fillStored(images, { size, indices }, pixels);
    }
    yield { from, pixels };
  }
}

/**
 * The examples at `indices`, in that order, copied where they are in memory: images
 * `[indices.length, height, width, channels]`, labels `[indices.length]`. The copy lies
 * in memory that workers have without copying it again where it is `shared`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectExamples } from "./dataset.ts";
 *
 * const all = {
 *   count: 3,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.of(10, 20, 30),
 *   labels: Uint8Array.of(0, 1, 2),
 * };
 * assertEquals(selectExamples(all, [2, 0]).images, Uint8Array.of(30, 10));
 * ```
 */
export function selectExamples(
  examples: Examples<Uint8Array>,
  indices: ArrayLike<number>,
  options?: { shared?: boolean },
): Examples<Uint8Array>;
/**
 * The same of images that may lie in files: those stay where they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readImages, selectExamples } from "./dataset.ts";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeFile(path, Uint8Array.of(10, 20));
 * const images = { files: [{ path, offset: 0, count: 2 }], rows: Uint32Array.of(0, 1) };
 * const all = { count: 2, shape: [1, 1, 1] as const, images, labels: Uint8Array.of(0, 1) };
 * assertEquals(readImages(selectExamples(all, [1])), Uint8Array.of(20));
 * ```
 */
export function selectExamples(
  examples: Examples,
  indices: ArrayLike<number>,
  options?: { shared?: boolean },
): Examples;
export function selectExamples(
  examples: Examples,
  indices: ArrayLike<number>,
  { shared = false }: { shared?: boolean } = {},
): Examples {
  const { shape, images, labels: all } = examples;
  const bytes = indices.length * pixelCount(shape);
  const labels = all instanceof Uint16Array
    ? new Uint16Array(indices.length)
    : new Uint8Array(indices.length);
  for (let to = 0; to < indices.length; to++) labels[to] = all[indices[to]];
  return {
    count: indices.length,
    shape,
    images: images instanceof Uint8Array
      ? copyImages(
        images,
        indices,
        shared
          ? new Uint8Array(new SharedArrayBuffer(bytes))
          : new Uint8Array(bytes),
      )
      : {
        files: images.files,
        rows: Uint32Array.from(indices, (index) => images.rows[index]),
      },
    labels,
  };
}

/** The images at `indices`, all of one size, copied in that order into `copied`, which they fill. */
export function copyImages<Copied extends Uint8Array>(
  images: Uint8Array,
  indices: ArrayLike<number>,
  copied: Copied,
): Copied {
  const size = copied.length / indices.length;
  for (let to = 0; to < indices.length; to++) {
    const from = indices[to] * size;
    copied.set(images.subarray(from, from + size), to * size);
  }
  return copied;
}

/**
 * SHA-256 of numbers in their order, in hexadecimal: tells data apart.
 *
 * @example
 * ```ts
 * import { assertNotEquals } from "@std/assert";
 * import { hashValues } from "./dataset.ts";
 *
 * assertNotEquals(hashValues(Uint8Array.of(1, 2)), hashValues(Uint8Array.of(2, 1)));
 * ```
 */
export function hashValues(values: Labels | Float32Array): string {
  const { buffer, byteOffset, byteLength } = values;
  return createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
}

/**
 * SHA-256 of images, as {@linkcode hashValues} tells it of pixels in memory: the same
 * wherever they lie.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashImages, hashValues } from "./dataset.ts";
 *
 * const images = Uint8Array.of(10, 20, 30);
 * assertEquals(hashImages({ shape: [1, 1, 1], images }), hashValues(images));
 * ```
 */
export function hashImages(
  examples: Pick<Examples, "images" | "shape">,
): string {
  const hash = createHash("sha256");
  for (const { pixels } of imageParts(examples)) hash.update(pixels);
  return hash.digest("hex");
}
