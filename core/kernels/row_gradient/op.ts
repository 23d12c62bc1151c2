import * as tf from "../../tf.ts";
import {
  type AttributeRule,
  checkInputShape,
  COUNT,
  defineKernel,
  runKernel,
} from "../kernel.ts";
import { mixedLoss, TERM_NAMES } from "../mixed_loss/op.ts";
import { unpackWords } from "../unpack_pixels/op.ts";

/**
 * A layer of a row: windows of an image times a filter, a bias, an activation, and
 * the largest of each pool. A dense layer has one window, which is all of its input.
 */
export interface Stage {
  /** Rows, columns and channels of an image that it reads. */
  input: readonly [number, number, number];
  /** Rows and columns of a window. */
  window: readonly [number, number];
  /** Distance between neighbouring windows, down and across. */
  strides: readonly [number, number];
  filters: number;
  activation: "linear" | "relu";
  /** Windows of a pool, down and across, by which it moves too; `[1, 1]` for none. */
  pool: readonly [number, number];
}

/** Numbers by which an attribute tells a stage. */
const STAGE_NUMBERS = 11;

/** `stages` as an attribute of a kernel has them. */
export function encodeStages(stages: readonly Stage[]): number[] {
  return stages.flatMap((
    { input, window, strides, filters, activation, pool },
  ) => [
    ...input,
    ...window,
    ...strides,
    filters,
    Number(activation === "relu"),
    ...pool,
  ]);
}

/** The stages that {@linkcode encodeStages} made `numbers` of. */
export function decodeStages(numbers: readonly number[]): Stage[] {
  return Array.from({ length: numbers.length / STAGE_NUMBERS }, (_, stage) => {
    const [rows, columns, channels, ...rest] = numbers.slice(
      stage * STAGE_NUMBERS,
    );
    const [windowRows, windowColumns, down, across, filters] = rest;
    const [relu, poolRows, poolColumns] = rest.slice(5);
    return {
      input: [rows, columns, channels],
      window: [windowRows, windowColumns],
      strides: [down, across],
      filters,
      activation: relu ? "relu" : "linear",
      pool: [poolRows, poolColumns],
    };
  });
}

const STAGES: AttributeRule<number[]> = {
  what: `${STAGE_NUMBERS} integers a stage`,
  accepts: (value): value is number[] =>
    Array.isArray(value) && value.length > 0 &&
    value.length % STAGE_NUMBERS === 0 && value.every(COUNT.accepts),
};

/** Windows of `stage`, down and across. */
export function windowsOf(
  { input, window, strides }: Stage,
): [number, number] {
  return [
    Math.floor((input[0] - window[0]) / strides[0]) + 1,
    Math.floor((input[1] - window[1]) / strides[1]) + 1,
  ];
}

/** What `stage` makes of an image: rows and columns of pools, and filters. */
export function outputOf(stage: Stage): [number, number, number] {
  const [down, across] = windowsOf(stage);
  return [
    Math.floor(down / stage.pool[0]),
    Math.floor(across / stage.pool[1]),
    stage.filters,
  ];
}

/** Numbers in a row of a window of `stage`. */
export function runOf({ window, input }: Stage): number {
  return window[1] * input[2];
}

/** Weights of `stage`: its filter's, its bias not counted. */
export function filterSize(stage: Stage): number {
  return stage.window[0] * runOf(stage) * stage.filters;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Throws a `RangeError` where a stage doesn't read what the one before it makes. */
function checkStages(stages: readonly Stage[]): void {
  stages.forEach((stage, index) => {
    const before = stages[index - 1];
    const fits = !before || sizeOf(outputOf(before)) === sizeOf(stage.input);
    if (fits && Math.min(...outputOf(stage), ...stage.strides) >= 1) return;
    throw new RangeError(
      `Cannot run a row of layers: stage ${index} must make something of what the one before makes: current value is windows of [${
        stage.window.join(", ")
      }] on [${stage.input.join(", ")}]`,
    );
  });
  const last = outputOf(stages[stages.length - 1]);
  if (last[0] * last[1] !== 1) {
    throw new RangeError(
      `Cannot run a row of layers: the last stage must make a number a class: current value is [${
        last.join(", ")
      }]`,
    );
  }
}

/** Kernel of {@linkcode rowGradient}: gradient, and sums of losses and of hits. */
export const rowGradientKernel = defineKernel({
  name: "RetortRowGradient",
  inputs: {
    words: "int32",
    weights: "float32",
    labels: "int32",
    teacherLogits: "float32",
    terms: "float32",
  },
  attributes: { stages: STAGES },
  check: ({ words, weights, labels, teacherLogits, terms }, { stages }) => {
    const row = decodeStages(stages);
    checkStages(row);
    const [count] = labels.shape;
    const classes = row[row.length - 1].filters;
    checkInputShape("words", words, [
      Math.ceil(count * sizeOf(row[0].input) / 4),
    ]);
    checkInputShape("weights", weights, [countWeights(row)]);
    checkInputShape("labels", labels, [count]);
    checkInputShape("teacherLogits", teacherLogits, [count, classes]);
    checkInputShape("terms", terms, [1, TERM_NAMES.length]);
  },
});

/** Weights of all of `stages`, biases too. */
export function countWeights(stages: readonly Stage[]): number {
  return stages.reduce(
    (sum, stage) => sum + filterSize(stage) + stage.filters,
    0,
  );
}

/** What a row of layers is told of a batch. */
export interface RowBatch {
  /** Pixels of the images, 0 to 255, four in each int32. */
  words: tf.Tensor;
  /** Classes, from 0, int32 `[n]`. */
  labels: tf.Tensor;
  /** The teacher's logits `[n, classes]`; any where no term needs them. */
  teacherLogits: tf.Tensor;
  /** Of the loss: `[1, 4]`, by `packTerms`. */
  terms: tf.Tensor;
}

/** Logits `[n, classes]` of images `[n, h, w, c]`, by tfjs's own operations. */
function feedStages(
  stages: readonly Stage[],
  weights: tf.Tensor,
  images: tf.Tensor,
): tf.Tensor {
  let next = 0;
  const take = (shape: number[]) => {
    const size = sizeOf(shape);
    const taken = tf.reshape(tf.slice(weights, [next], [size]), shape);
    next += size;
    return taken;
  };
  const [count] = images.shape;
  const logits = stages.reduce((x, stage) => {
    const { input, window, strides, filters, activation, pool } = stage;
    const [rows, columns, channels] = input;
    const filter = take([...window, channels, filters]);
    const z = tf.conv2d(
      x.as4D(count, rows, columns, channels),
      filter.as4D(window[0], window[1], channels, filters),
      [...strides],
      "valid",
    );
    const sum = tf.add<tf.Tensor4D>(z, take([filters]));
    const y = activation === "relu" ? tf.relu(sum) : sum;
    return pool[0] * pool[1] === 1
      ? y
      : tf.maxPool(y, [...pool], [...pool], "valid");
  }, images);
  return tf.reshape(logits, [count, -1]);
}

/**
 * Feeds images through a row of `stages` and back, in one pass: ∂(Σᵢ lossᵢ)/∂w `[weights]`,
 * and (Σᵢ lossᵢ, how many images have their class's logit as the first largest) `[2]`.
 *
 * xᵢ = pixelᵢ / 255. Each stage is y = maxpool(f(x ∗ w + b)); lossᵢ is `mixedLoss`'s of the
 * last one's output. `weights` are filter `[kh, kw, c, f]` and bias `[f]` of each
 * stage in order, row-major, in one row `[weights]`.
 *
 * Throws a `RangeError` where shapes don't go together, and on Wasm for a label that is no
 * class.
 */
export function rowGradient(
  stages: readonly Stage[],
  weights: tf.Tensor,
  { words, labels, teacherLogits, terms }: RowBatch,
): { gradient: tf.Tensor; sums: tf.Tensor } {
  checkStages(stages);
  const inputs = { words, weights, labels, teacherLogits, terms };
  const attributes = { stages: encodeStages(stages) };
  const [gradient, sums] = runKernel(
    rowGradientKernel,
    inputs,
    attributes,
    () => {
      const [count] = labels.shape;
      const images = unpackWords(words, [count, ...stages[0].input]);
      let hits: tf.Tensor = tf.scalar(0);
      const { value, grad } = tf.valueAndGrad((weights: tf.Tensor) => {
        const logits = feedStages(stages, weights, images);
        hits = tf.keep(tf.sum(tf.equal(tf.argMax(logits, -1), labels)));
        const [n, classes] = logits.shape;
        return tf.sum<tf.Scalar>(mixedLoss(
          tf.reshape(logits, [n, 1, classes]),
          { labels, teacherLogits, terms },
        ));
      })(weights);
      const sums = tf.stack([value, tf.cast(hits, "float32")]);
      hits.dispose();
      return [grad, sums];
    },
  );
  return { gradient, sums };
}
