import { gatherImages } from "../../data/batches.ts";
import type { Examples } from "../../data/dataset.ts";
import { unpackPixels } from "../../kernels/unpack_pixels/op.ts";
import type * as tf from "../../tf.ts";

/** Pixels of the first `most` images, or all where there are fewer: `[n, h, w, c]`, 0 to 1. */
export function firstImages(examples: Examples, most: number): tf.Tensor {
  const rows = Uint32Array.from(
    { length: Math.min(most, examples.count) },
    (_, i) => i,
  );
  return unpackPixels(
    gatherImages(examples, rows),
    [rows.length, ...examples.shape],
  );
}
