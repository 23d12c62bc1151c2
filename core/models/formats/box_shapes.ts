import {
  findSquare,
  type ImageShape,
  MOST_CLASSES,
} from "../../data/dataset.ts";

/** Channels that an image may have. */
const CHANNELS = [1, 3];
/** Pixels of an image that is asked about. */
const MOST_PIXELS = 2 ** 24;

/**
 * Extents of an image of a model's input of `shape`, whose first axis is the batch; or why
 * it is none, in half a sentence.
 */
export function readImageShape(
  shape: readonly number[] | undefined,
): ImageShape | string {
  const [, ...extents] = shape ?? [];
  const size = extents.reduce((a, b) => a * b, 1);
  if (
    extents.length < 1 || extents.length > 3 ||
    !extents.every((extent) => Number.isInteger(extent) && extent >= 1) ||
    size > MOST_PIXELS
  ) {
    return "its input must be [n, pixels], [n, h, w], or an image with its channels, of one size";
  }
  const [a, b, c] = extents;
  if (extents.length === 3) {
    // As the runtime's program takes it: channels first where that can be.
    if (CHANNELS.includes(a)) return [b, c, a];
    return CHANNELS.includes(c)
      ? [a, b, c]
      : `its input must be an image of 1 channel or 3: it is ${
        extents.join("×")
      }`;
  }
  if (extents.length === 2) return [a, b, 1];
  return findSquare(a) ?? [1, a, 1];
}

/** The axis of classes in an output of `shape`; undefined where it is no row of numbers. */
export function findClasses(
  shape: readonly number[] | undefined,
): { axis: number; classes: number } | undefined {
  if (!shape) return undefined;
  const axis = shape.findIndex((extent, axis) => axis > 0 && extent !== 1);
  const classes = shape[axis];
  const isRow = shape.every((extent, other) =>
    other === 0 || other === axis || extent === 1
  );
  return isRow && classes >= 2 && classes <= MOST_CLASSES
    ? { axis, classes }
    : undefined;
}

/** Whether an output of `shape` is one number an image. */
export function isOneNumber(shape: readonly number[] | undefined): boolean {
  return shape !== undefined && shape.length > 0 &&
    shape.every((extent, axis) => axis === 0 || extent === 1);
}

/** What an output must be, in half a sentence. */
export const CLASSES_RULE =
  "[n, classes], or [n, 1] behind a sigmoid, which is two classes";
