import type { FloatArray } from "../files/safetensors.ts";
import { glorotUniform } from "../models/initialise.ts";
import { randomStream } from "../random/stream.ts";
import { type CohortLayout, countUnits } from "./cohort_layout.ts";
import type { StudentConfig } from "./student_config.ts";

/**
 * Where hidden biases begin: above 0, so that each unit answers to every image
 * at first. A unit that is silent at the start never learns, and of six none can
 * be spared.
 */
const HIDDEN_BIAS = 1;

/** Kernel and bias of the hidden layer, then of the logits, as a member's own. */
function initialHead(
  { hidden, seed }: StudentConfig,
  { width, classes }: CohortLayout,
): FloatArray[] {
  const draw = (shape: number[], layer: number) =>
    glorotUniform(shape, randomStream(seed, "head", hidden, layer));
  const constant = (shape: number[], value: number) => ({
    shape,
    values: new Float32Array(shape[0]).fill(value),
  });
  return [
    draw([width, hidden], 0),
    constant([hidden], HIDDEN_BIAS),
    draw([hidden, classes], 1),
    constant([classes], 0),
  ];
}

/** The last two axes of a matrix exchanged. */
function transpose({ shape: [rows, columns], values }: FloatArray): FloatArray {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column];
    }
  }
  return { shape: [columns, rows], values: turned };
}

/** A member's consecutive columns of a weight. */
interface Block {
  rows: number;
  first: number;
  columns: number;
  /** Columns of all members. */
  stride: number;
}

/** A member's block in each of the weights. */
function blocksOf(layout: CohortLayout, member: number): Block[] {
  const { members, width, classes, starts } = layout;
  const units = {
    first: starts[member],
    columns: starts[member + 1] - starts[member],
    stride: countUnits(layout),
  };
  const outputs = {
    first: member * classes,
    columns: classes,
    stride: members.length * classes,
  };
  return [
    { rows: width, ...units },
    { rows: 1, ...units },
    { rows: classes, ...units },
    { rows: 1, ...outputs },
  ];
}

/**
 * A cohort's weights before the first step, of the shapes that
 * {@linkcode CohortLayout} tells. Each member's are decided by its own seed and
 * width, and so are the same in any cohort.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort } from "./cohort_layout.ts";
 * import { initialCohort } from "./cohort_weights.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const layout = layOutCohort(members, { width: 4, classes: 5 });
 * const shapes = initialCohort(layout).map(({ shape }) => shape);
 * assertEquals(shapes, [[4, 3], [3], [5, 3], [10]]);
 * ```
 */
export function initialCohort(layout: CohortLayout): FloatArray[] {
  const { members, width, classes } = layout;
  const units = countUnits(layout);
  const outputs = members.length * classes;
  const shared = [[width, units], [units], [classes, units], [outputs]]
    .map((shape) => ({
      shape,
      values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    }));
  members.forEach((config, member) => {
    const [w1, b1, w2, b2] = initialHead(config, layout);
    const own = [w1, b1, transpose(w2), b2];
    blocksOf(layout, member).forEach(
      ({ rows, columns, first, stride }, weight) => {
        for (let row = 0; row < rows; row++) {
          const start = row * columns;
          const values = own[weight].values.subarray(start, start + columns);
          shared[weight].values.set(values, first + row * stride);
        }
      },
    );
  });
  return shared;
}

/**
 * The weights of one member, by its index, cut out of the cohort's: a student's
 * head, `[width, hidden]`, `[hidden]`, `[hidden, classes]`, `[classes]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort } from "./cohort_layout.ts";
 * import { cutMember, initialCohort } from "./cohort_weights.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const layout = layOutCohort(members, { width: 4, classes: 3 });
 * const head = cutMember(layout, initialCohort(layout), 1);
 * assertEquals(head.map(({ shape }) => shape), [[4, 2], [2], [2, 3], [3]]);
 * ```
 */
export function cutMember(
  layout: CohortLayout,
  shared: FloatArray[],
  member: number,
): FloatArray[] {
  const [w1, b1, w2, b2] = blocksOf(layout, member).map(
    ({ rows, columns, first, stride }, weight): FloatArray => {
      const values = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        const start = first + row * stride;
        values.set(
          shared[weight].values.subarray(start, start + columns),
          row * columns,
        );
      }
      const isBias = shared[weight].shape.length === 1;
      return { shape: isBias ? [columns] : [rows, columns], values };
    },
  );
  return [w1, b1, transpose(w2), b2];
}
