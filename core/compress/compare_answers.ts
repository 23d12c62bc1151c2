import { classifyLogits } from "../infer/classification.ts";

/** What the direct path says of n images, and how far rounding can take others from it. */
export interface Reference {
  /** `[n, classes]`. */
  logits: Float32Array<ArrayBuffer>;
  /** Bound on the rounding error of each image's logits: `[n]`. */
  bounds: Float64Array<ArrayBuffer>;
  /** Number of classes. */
  width: number;
}

/** How others' logits agree with the direct path's. */
export interface Agreement {
  /** Images, all of which got the same class. */
  images: number;
  /** The largest |difference| of any logit. */
  largestDifference: number;
  /** The largest |difference| as a share of the bound on its image. */
  largestShare: number;
}

/** A class that float32 arithmetic, in another order, could change. */
export interface CloseImage {
  /** Its place among the images. */
  image: number;
  /** Largest logit − second largest. */
  margin: number;
  /** Bound on the rounding error of each. */
  bound: number;
}

/** Largest logit − second largest, of each row; ∞ where there is one class. */
function marginOf(logits: Float32Array, start: number, width: number): number {
  let [first, second] = [-Infinity, -Infinity];
  for (let i = start; i < start + width; i++) {
    if (logits[i] > first) [first, second] = [logits[i], first];
    else if (logits[i] > second) second = logits[i];
  }
  return first - second;
}

/**
 * The images whose margin is at most twice the bound on their logits' rounding, the
 * closest first. All others get the same class from any float32 arithmetic.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findCloseImages } from "./compare_answers.ts";
 *
 * const close = findCloseImages({
 *   logits: Float32Array.of(1, 3, 2, 2),
 *   bounds: Float64Array.of(0.5, 0.5),
 *   width: 2,
 * });
 * assertEquals(close, [{ image: 1, margin: 0, bound: 0.5 }]);
 * ```
 */
export function findCloseImages(
  { logits, bounds, width }: Reference,
): CloseImage[] {
  const close: CloseImage[] = [];
  bounds.forEach((bound, image) => {
    const margin = marginOf(logits, image * width, width);
    if (!(margin > 2 * bound)) close.push({ image, margin, bound });
  });
  return close.sort((a, b) => a.margin - b.margin);
}

/**
 * Compares the `logits` of `asked`, `[n, classes]`, with the direct path's.
 *
 * Throws an `Error` where an image gets another class, be its margin ever so small,
 * or a logit differs by more than the bound on its image's rounding.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { compareAnswers } from "./compare_answers.ts";
 *
 * const reference = { logits: Float32Array.of(1, 3), bounds: Float64Array.of(0.5), width: 2 };
 * assertThrows(() => compareAnswers(reference, Float32Array.of(3, 1), "wasm"), Error, "class");
 * ```
 */
export function compareAnswers(
  reference: Reference,
  logits: Float32Array<ArrayBuffer>,
  asked: string,
): Agreement {
  const { bounds, width } = reference;
  if (logits.length !== reference.logits.length) {
    throw new Error(
      `Cannot trust ${asked}: it must answer every image: there are ${logits.length} logits, not ${reference.logits.length}`,
    );
  }
  const wrong = logits.findIndex((logit) => !Number.isFinite(logit));
  if (wrong >= 0) {
    throw new Error(
      `Cannot trust ${asked}: logits must be finite: image ${
        Math.floor(wrong / width)
      } gets ${logits[wrong]} for class ${wrong % width}`,
    );
  }
  const expected = classifyLogits(reference.logits, width).classes;
  const { classes } = classifyLogits(logits, width);
  let [largestDifference, largestShare] = [0, 0];
  for (const [image, bound] of bounds.entries()) {
    const start = image * width;
    if (classes[image] !== expected[image]) {
      const margin = marginOf(reference.logits, start, width);
      const close = margin > 2 * bound
        ? "rounding can't explain it"
        : "rounding explains it; nudge a bias, or train on";
      throw new Error(
        `Cannot trust ${asked}: every image must get the class that the direct path gives it: image ${image} gets ${
          classes[image]
        }, not ${expected[image]}, by a margin of ${
          margin.toExponential(2)
        } (logits are exact to ${bound.toExponential(2)}): ${close}`,
      );
    }
    for (let i = start; i < start + width; i++) {
      const difference = Math.abs(logits[i] - reference.logits[i]);
      if (!(difference <= bound)) {
        throw new Error(
          `Cannot trust ${asked}: logits must be within rounding of the direct path's: image ${image} gets ${
            logits[i]
          } for class ${i - start}, not ${
            reference.logits[i]
          }: the difference may be ${bound.toExponential(2)}`,
        );
      }
      if (difference === 0) continue;
      largestDifference = Math.max(largestDifference, difference);
      largestShare = Math.max(largestShare, difference / bound);
    }
  }
  return { images: bounds.length, largestDifference, largestShare };
}
