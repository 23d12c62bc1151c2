import { createHash } from "node:crypto";
import { type ImageShape, pixelCount } from "./image_shape.ts";

export { type ImageShape, pixelCount };

/** Classes of examples, each from 0: 16 bits each where there are more than 256. */
export type Labels = Uint8Array | Uint16Array;

/** Labelled images, as bytes. */
export interface Examples {
  /** How many there are. */
  count: number;
  /** Extent of each image. */
  shape: ImageShape;
  /** Pixels `[count, height, width, channels]`, 0 to 255; workers may share them. */
  images: Uint8Array;
  /** Classes `[count]`, from 0. */
  labels: Labels;
}

/** How a dataset's images may be varied: as handwritten digits, as photos, or not at all. */
export type AugmentationName = "digits" | "photos" | "none";

/** A classification dataset as published: one part to learn from, one to test. */
export interface Dataset {
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
  train: Examples;
  /** The part that is read once per finished model. */
  test: Examples;
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
 * The examples at `indices`, copied in that order: images
 * `[indices.length, height, width, channels]`, labels `[indices.length]`.
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
  examples: Examples,
  indices: ArrayLike<number>,
): Examples {
  const size = pixelCount(examples.shape);
  const images = new Uint8Array(indices.length * size);
  const labels = examples.labels instanceof Uint16Array
    ? new Uint16Array(indices.length)
    : new Uint8Array(indices.length);
  for (let to = 0; to < indices.length; to++) {
    const from = indices[to];
    images.set(
      examples.images.subarray(from * size, (from + 1) * size),
      to * size,
    );
    labels[to] = examples.labels[from];
  }
  return { count: indices.length, shape: examples.shape, images, labels };
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
