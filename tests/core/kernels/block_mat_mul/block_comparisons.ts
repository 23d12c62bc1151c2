import { blockMatMul } from "../../../../core/kernels/block_mat_mul/op.ts";
import * as tf from "../../../../core/tf.ts";
import type { Comparison } from "../../../parity.ts";

/** Rows, classes, units of each block. */
const SIZES: [number, number, number[]][] = [
  [1, 1, [1]],
  [3, 10, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [128, 10, [6, 64, 17]],
  [7, 3, new Array(70).fill(3)],
  [65, 4, [130, 1]],
];

/** Products by blocks of odd sizes, and their gradients. */
export const BLOCK_COMPARISONS: Comparison[] = SIZES.map(
  ([rows, classes, blocks]) => {
    const starts = new Int32Array(blocks.length + 1);
    blocks.forEach((units, block) => starts[block + 1] = starts[block] + units);
    const units = starts[blocks.length];
    return {
      name: `${rows} rows, ${classes} classes, blocks of ${blocks.join(", ")}`,
      compute: ([h, weight]) =>
        blockMatMul(h, weight, {
          starts,
          startsTensor: tf.tensor1d(starts, "int32"),
        }),
      shapes: [[rows, units], [classes, units]],
    };
  },
);
