import { addBias } from "../../../core/kernels/add_bias/op.ts";
import { biasRelu } from "../../../core/kernels/bias_relu/op.ts";
import { biasReluMaxPool } from "../../../core/kernels/max_pool/op.ts";
import { columnSum } from "../../../core/kernels/column_sum/op.ts";
import { dropOut } from "../../../core/kernels/drop_out/op.ts";
import type { PoolSize } from "../../../core/kernels/max_pool/op.ts";
import {
  mixedLoss,
  type MixedTerms,
  packTerms,
} from "../../../core/kernels/mixed_loss/op.ts";
import { updateAdadelta } from "../../../core/kernels/optimisers/op.ts";
import { updateAdam } from "../../../core/kernels/optimisers/op.ts";
import { updateSgd } from "../../../core/kernels/optimisers/op.ts";
import type { DropoutRange } from "../../../core/random/dropout_mask.ts";
import * as tf from "../../../core/tf.ts";
import type { Comparison } from "../../parity.ts";

/** Shapes of odd and even sizes, with rows of one channel and of many. */
const SHAPES = [
  [1],
  [7],
  [8],
  [3, 5],
  [5, 4],
  [4, 64],
  [2, 3, 5, 1],
  [1, 2, 2, 3],
  [2, 3, 3, 12],
  [5, 6, 7, 64],
];

/** Parts of a mask that begin at even and odd places, and far along. */
const RANGES: (DropoutRange | undefined)[] = [
  undefined,
  { rate: 0, key: [1, 2], first: 0 },
  { rate: 0.25, key: [0xdeadbeef, 3], first: 0 },
  { rate: 0.5, key: [4, 0xffffffff], first: 6 },
  { rate: 0.5, key: [5, 6], first: 7 },
  { rate: 0.25, key: [5, 6], first: 2 ** 33 - 3 },
];

function describe(range: DropoutRange | undefined): string {
  return range
    ? `with dropout ${range.rate} from ${range.first}`
    : "without dropout";
}

/** Dropout and its gradient. */
export function dropouts(): Comparison[] {
  return SHAPES.flatMap((shape) =>
    RANGES.flatMap((range) =>
      range
        ? [{
          name: `dropOut of [${shape}] ${describe(range)}`,
          compute: ([x]: tf.Tensor[]) =>
            // x as well, so that no gradient is all zeros.
            tf.add(dropOut(x, range), x),
          shapes: [shape],
        }]
        : []
    )
  );
}

/** Bias, relu and dropout, and their gradients. */
export function biasRelus(): Comparison[] {
  return SHAPES.flatMap((shape) =>
    RANGES.map((range) => ({
      name: `biasRelu of [${shape}] ${describe(range)}`,
      // z + b as well, so that no gradient is all zeros.
      compute: ([z, bias]: tf.Tensor[]) =>
        tf.add(biasRelu(z, bias, range), addBias(z, bias)),
      shapes: [shape, shape.slice(-1)],
    }))
  );
}

const POOLED: [shape: number[], size: PoolSize][] = [
  [[1, 2, 2, 1], [2, 2]],
  [[2, 5, 7, 3], [2, 2]],
  [[3, 6, 4, 5], [3, 2]],
  [[5, 7, 5, 4], [3, 2]],
  [[4, 6, 6, 12], [2, 3]],
  [[2, 4, 5, 64], [2, 2]],
  [[3, 24, 24, 64], [2, 2]],
  [[2, 3, 3, 8], [1, 1]],
];

/** Bias, relu, max-pooling and dropout, and their gradients. */
export function biasReluMaxPools(): Comparison[] {
  return POOLED.flatMap(([shape, size]) =>
    RANGES.flatMap((range) =>
      [undefined, 0.5].map((quantise) => ({
        name: `biasReluMaxPool of [${shape}] by ${size} ${describe(range)}${
          quantise ? ", with ties" : ""
        }`,
        compute: ([z, bias]: tf.Tensor[]) =>
          // The mean as well, so that no gradient is all zeros.
          tf.add(
            biasReluMaxPool(z, tf.add(bias, 1), size, range),
            tf.mean(tf.add(z, bias)),
          ),
        shapes: [shape, shape.slice(-1)],
        quantise,
      }))
    )
  );
}

/** Column sums. */
export function columnSums(): Comparison[] {
  return [...SHAPES, [1, 3], [33, 5], [1000, 1], [1025, 12], [128, 24, 24, 32]]
    .map((shape) => ({
      name: `columnSum of [${shape}]`,
      compute: ([x]: tf.Tensor[]) => columnSum(x),
      shapes: [shape],
      gradients: false,
    }));
}

/** (a, b, c, T) of each loss, and mixtures of them. */
const TERMS: Partial<MixedTerms>[] = [
  { a: 1 },
  { c: 1 },
  { a: 0.1, b: 0.9, T: 4 },
  { b: 1, T: 20 },
  { a: 0.5, b: 0.25, c: 2, T: 0.5 },
];

/** Mixed losses of different numbers of members, and their gradient. */
export function mixedLosses(): Comparison[] {
  const shapes: [number, number, number][] = [
    [1, 1, 2],
    [3, 1, 10],
    [128, 1, 10],
    [5, 5, 10],
    [67, 36, 10],
    [4, 3, 7],
  ];
  return shapes.map(([n, members, classes]) => ({
    name: `mixedLoss of [${n}, ${members}, ${classes}]`,
    compute: ([logits]) =>
      mixedLoss(tf.mul(logits, 8), {
        labels: tf.tensor1d(
          Array.from({ length: n }, (_, i) => (3 * i) % classes),
          "int32",
        ),
        teacherLogits: tf.tensor2d(
          Float32Array.from({ length: n * classes }, (_, i) => 8 * Math.sin(i)),
          [n, classes],
        ),
        terms: packTerms(
          Array.from({ length: members }, (_, i) => TERMS[i % 5]),
        ),
      }),
    shapes: [[n, members, classes]],
  }));
}

/** New weights and state of every optimiser. */
export function optimiserSteps(): Comparison[] {
  return SHAPES.flatMap((shape) => {
    const four = [shape, shape, shape, shape];
    const compare = (
      kind: string,
      compute: (tensors: tf.Tensor[]) => tf.Tensor[],
    ): Comparison => ({
      name: `${kind} of [${shape}]`,
      compute: (tensors) => tf.stack(compute(tensors)),
      shapes: four,
      gradients: false,
    });
    return [
      compare(
        "updateAdam",
        ([weight, gradient, mean, square]) =>
          updateAdam({ weight, gradient, mean, square: tf.square(square) }, {
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-4,
            rate: 0.5,
            correction: 3,
          }),
      ),
      compare(
        "updateAdadelta",
        ([weight, gradient, squares, updates]) =>
          updateAdadelta({
            weight,
            gradient,
            squares: tf.square(squares),
            updates: tf.square(updates),
          }, { rho: 0.95, epsilon: 1e-4, learningRate: 0.5 }),
      ),
      compare(
        "updateSgd",
        ([weight, gradient, velocity]) =>
          updateSgd({ weight, gradient, velocity }, {
            momentum: 0.9,
            learningRate: 0.5,
          }),
      ),
    ];
  });
}
