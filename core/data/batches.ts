import { randomStream } from "../random/stream.ts";
import { shuffledIndices } from "../random/shuffle.ts";
import {
  copyImages,
  type Examples,
  type Labels,
  pixelCount,
} from "./dataset.ts";
import { readStored } from "./stored_images.ts";

/**
 * Throws a `RangeError` unless `size`, in examples, is an integer ≥ 1.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkBatchSize } from "./batches.ts";
 *
 * assertThrows(() => checkBatchSize(0), RangeError, "≥ 1");
 * ```
 */
export function checkBatchSize(size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(
      `Cannot make batches: the batch size must be an integer ≥ 1: current value is ${size}`,
    );
  }
}

function checkTaken(taken: number): void {
  if (Number.isSafeInteger(taken) && taken >= 1) return;
  throw new RangeError(
    `Cannot make batches: an epoch must have an integer number of examples ≥ 1: current value is ${taken}`,
  );
}

/**
 * `taken` indices below `count` for the epoch `epoch`, from 0: those that follow the
 * ones of the epoch before, in a row of orders of all, so that none comes again before
 * every other has come.
 */
function epochOrder(
  { count, taken, seed, epoch }: {
    count: number;
    taken: number;
    seed: number;
    epoch: number;
  },
): Uint32Array<ArrayBuffer> {
  const orderOf = (pass: number) =>
    shuffledIndices(count, randomStream(seed, "epoch", pass));
  if (taken === count) return orderOf(epoch);
  const order = new Uint32Array(taken);
  for (let filled = 0; filled < taken;) {
    const place = epoch * taken + filled;
    const first = place % count;
    const run = orderOf(Math.floor(place / count))
      .subarray(first, first + taken - filled);
    order.set(run, filled);
    filled += run.length;
  }
  return order;
}

/**
 * The batches of one epoch as arrays of indices: every example once, in the
 * order that `seed` and `epoch` decide; the last batch may be smaller. Where
 * `taken` is not `count`, an epoch has that many of the examples, and the next
 * one goes on with the others.
 *
 * Throws a `RangeError` unless `size` and `taken` are integers ≥ 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { epochBatches } from "./batches.ts";
 *
 * const sizes = epochBatches({ count: 10, size: 4, seed: 1, epoch: 0 }).map((batch) => batch.length);
 * assertEquals(sizes, [4, 4, 2]);
 * ```
 */
export function epochBatches(
  { count, size, seed, epoch, taken = count }: {
    count: number;
    size: number;
    seed: number;
    epoch: number;
    taken?: number;
  },
): Uint32Array<ArrayBuffer>[] {
  checkBatchSize(size);
  if (taken !== count) checkTaken(taken);
  const order = epochOrder({ count, taken, seed, epoch });
  return Array.from(
    { length: Math.ceil(taken / size) },
    (_, batch) => order.subarray(batch * size, (batch + 1) * size),
  );
}

/**
 * The indices 0 … `count` − 1 in order, in runs of at most `size`.
 *
 * Throws a `RangeError` unless `size` is an integer ≥ 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { consecutiveBatches } from "./batches.ts";
 *
 * const batches = [...consecutiveBatches(3, 2)];
 * assertEquals(batches, [Uint32Array.of(0, 1), Uint32Array.of(2)]);
 * ```
 */
export function* consecutiveBatches(
  count: number,
  size: number,
): Generator<Uint32Array<ArrayBuffer>> {
  checkBatchSize(size);
  for (let start = 0; start < count; start += size) {
    yield Uint32Array.from(
      { length: Math.min(size, count - start) },
      (_, offset) => start + offset,
    );
  }
}

/**
 * The pixels of the images at `indices`, 0 to 255, as
 * `[indices.length, height, width, channels]` in row-major order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gatherImages } from "./batches.ts";
 *
 * const examples = {
 *   count: 2,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.of(0, 255),
 *   labels: Uint8Array.of(0, 1),
 * };
 * assertEquals(gatherImages(examples, [1, 0]), Uint8Array.of(255, 0));
 * ```
 */
export function gatherImages(
  { images, shape }: Examples,
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const size = pixelCount(shape);
  return images instanceof Uint8Array
    ? copyImages(images, indices, new Uint8Array(indices.length * size))
    : readStored(images, size, indices);
}

/**
 * xᵢ = pixelᵢ / 255 of the images at `indices`, as
 * `[indices.length, height, width, channels]` in row-major order.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalisePixels } from "./batches.ts";
 *
 * const examples = {
 *   count: 2,
 *   shape: [1, 1, 1] as const,
 *   images: Uint8Array.of(0, 255),
 *   labels: Uint8Array.of(0, 1),
 * };
 * assertEquals(normalisePixels(examples, [1, 0]), Float32Array.of(1, 0));
 * ```
 */
export function normalisePixels(
  examples: Examples,
  indices: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const bytes = gatherImages(examples, indices);
  const pixels = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pixels[i] = bytes[i] / 255;
  return pixels;
}

function checkLabel(label: number, classes: number): void {
  if (label < classes) return;
  throw new RangeError(
    `Cannot encode labels: each must be below ${classes}, the number of classes: current value is ${label}`,
  );
}

/**
 * The labels at `indices`, as classes from 0: `[indices.length]`.
 *
 * Throws a `RangeError` for a label that is not below `classes`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gatherLabels } from "./batches.ts";
 *
 * assertEquals(gatherLabels(Uint8Array.of(2, 0), [1, 0], 3), Int32Array.of(0, 2));
 * ```
 */
export function gatherLabels(
  labels: Labels,
  indices: ArrayLike<number>,
  classes: number,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(indices, (index) => {
    checkLabel(labels[index], classes);
    return labels[index];
  });
}

/**
 * y_{i,c} = 1 where c is the label at `indices[i]`, else 0: rows
 * `[indices.length, classes]`, row-major.
 *
 * Throws a `RangeError` for a label that is not below `classes`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oneHotLabels } from "./batches.ts";
 *
 * const rows = oneHotLabels(Uint8Array.of(2, 0), [1, 0], 3);
 * assertEquals(rows, Float32Array.of(1, 0, 0, 0, 0, 1));
 * ```
 */
export function oneHotLabels(
  labels: Labels,
  indices: ArrayLike<number>,
  classes: number,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(indices.length * classes);
  for (let row = 0; row < indices.length; row++) {
    const label = labels[indices[row]];
    checkLabel(label, classes);
    rows[row * classes + label] = 1;
  }
  return rows;
}
