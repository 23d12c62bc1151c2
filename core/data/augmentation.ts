import type { AugmentationName, ImageShape } from "./dataset.ts";

/** How images are varied at random, as plain data; 0 leaves a variation out. */
export interface AugmentationSpec {
  /** Whether one in two is mirrored, left to right; none is unless told. */
  flip?: boolean;
  /** What lies beyond an image: the pixels at its edge, again; 0 unless told. */
  border?: "edge";
  /** Pixels that an image is moved down and across, at the most. */
  shift: number;
  /** How far the factor that an image is enlarged by may be from 1. */
  scale: number;
  /** Degrees that an image is turned, at the most. */
  rotation: number;
  /** Columns that a row is moved for each row from the middle, at the most. */
  shear: number;
  /** How pixels wander, each with its neighbours. */
  elastic: {
    /** Factor of the smoothed field, whose raw values lie in [−1, 1): pixels. */
    amplitude: number;
    /** Standard deviation of the Gaussian that smooths the field: pixels. */
    deviation: number;
  };
}

/** No variation at all. */
export const NO_AUGMENTATION: AugmentationSpec = {
  shift: 0,
  scale: 0,
  rotation: 0,
  shear: 0,
  elastic: { amplitude: 0, deviation: 0 },
};

/**
 * What suits handwritten digits of 28×28: mild enough for a teacher that has seen
 * none of it to be right on nearly all. Pixels wander by 0.6 in the root of the
 * mean square.
 */
export const DIGIT_AUGMENTATION: AugmentationSpec = {
  shift: 1,
  scale: 0.08,
  rotation: 8,
  shear: 0.08,
  elastic: { amplitude: 15, deviation: 4 },
};

/**
 * What suits photographs: half of them mirrored, all moved by up to an eighth of their
 * shorter side and enlarged by up to a tenth, or made as much smaller.
 *
 * Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016,
 * section 4.2: 4 pixels of 32 each way, and mirrored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { photoAugmentation } from "./augmentation.ts";
 *
 * const { flip, shift } = photoAugmentation([32, 32, 3]);
 * assertEquals([flip, shift], [true, 4]);
 * ```
 */
export function photoAugmentation(
  [height, width]: ImageShape,
): AugmentationSpec {
  return {
    ...NO_AUGMENTATION,
    flip: true,
    border: "edge",
    shift: Math.min(Math.min(height, width) >> 3, LIMITS.shift),
    scale: 0.1,
  };
}

/** What images may be, and how each kind is varied without becoming another thing. */
export const AUGMENTATIONS: Record<
  AugmentationName,
  (shape: ImageShape) => AugmentationSpec
> = {
  digits: () => DIGIT_AUGMENTATION,
  photos: photoAugmentation,
  none: () => NO_AUGMENTATION,
};

/** Bounds of each number: at the largest scale an image still has an extent. */
const LIMITS = { shift: 64, scale: 0.9, rotation: 180, shear: 2 };
const ELASTIC_LIMITS = { amplitude: 1000, deviation: 32 };

function checkNumber(name: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new RangeError(
    `Cannot augment images: \`${name}\` must be from 0 to ${most}: current value is ${value}`,
  );
}

/**
 * Throws a `RangeError` unless every number of `spec` lies within its bounds, and the
 * elastic field has a deviation where it has an amplitude.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkAugmentation, NO_AUGMENTATION } from "./augmentation.ts";
 *
 * assertThrows(() => checkAugmentation({ ...NO_AUGMENTATION, scale: 1 }), RangeError, "scale");
 * ```
 */
export function checkAugmentation(spec: AugmentationSpec): void {
  checkNumber("shift", spec.shift, LIMITS.shift);
  checkNumber("scale", spec.scale, LIMITS.scale);
  checkNumber("rotation", spec.rotation, LIMITS.rotation);
  checkNumber("shear", spec.shear, LIMITS.shear);
  const { amplitude, deviation } = spec.elastic;
  checkNumber("elastic.amplitude", amplitude, ELASTIC_LIMITS.amplitude);
  checkNumber("elastic.deviation", deviation, ELASTIC_LIMITS.deviation);
  if (amplitude > 0 && deviation === 0) {
    throw new RangeError(
      "Cannot augment images: `elastic.deviation` must be > 0 where there is an amplitude: current value is 0",
    );
  }
}
