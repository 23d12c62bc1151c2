/** What a model says of n images. */
export interface Classification {
  /** The class of each image's largest logit, the first of several: `[n]`. */
  classes: Uint16Array<ArrayBuffer>;
  /** softmax(logits): `[n, classes]`, row-major. */
  probabilities: Float32Array<ArrayBuffer>;
  /** `[n, classes]`, row-major. */
  logits: Float32Array<ArrayBuffer>;
}

function refuse(logit: number): never {
  throw new RangeError(
    `Cannot classify images: logits must be finite: current value is ${logit}; train the model again, or compute on another device`,
  );
}

/**
 * p_c = exp(z_c − max z) / Σ exp(z − max z), and the first of the largest logits,
 * of rows of `width` logits `[n, width]`. Throws a `RangeError` where a logit isn't
 * finite: a model whose sums overflow has no class.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classifyLogits } from "./classification.ts";
 *
 * const { classes, probabilities } = classifyLogits(Float32Array.of(0, 5, 5, 1, 1, 1), 3);
 * assertEquals(classes, Uint16Array.of(1, 0));
 * assertEquals(probabilities.slice(3), Float32Array.of(1 / 3, 1 / 3, 1 / 3));
 * ```
 */
export function classifyLogits(
  logits: Float32Array<ArrayBuffer>,
  width: number,
): Classification {
  const probabilities = new Float32Array(logits.length);
  const classes = Uint16Array.from(
    { length: logits.length / width },
    (_, row) => {
      const start = row * width;
      let best = start;
      for (let i = start; i < start + width; i++) {
        if (!Number.isFinite(logits[i])) refuse(logits[i]);
        if (logits[i] > logits[best]) best = i;
      }
      let sum = 0;
      for (let i = start; i < start + width; i++) {
        sum += Math.exp(logits[i] - logits[best]);
      }
      for (let i = start; i < start + width; i++) {
        probabilities[i] = Math.exp(logits[i] - logits[best]) / sum;
      }
      return best - start;
    },
  );
  return { classes, probabilities, logits };
}
