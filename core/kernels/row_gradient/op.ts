import * as tf from "../../tf.ts";
import {
  type AttributeRule,
  checkInputShape,
  COUNT,
  defineKernel,
  NUMBER,
  runKernel,
} from "../kernel.ts";
import { mixedLoss, TERM_NAMES } from "../mixed_loss/op.ts";
import { unpackWords } from "../unpack_pixels/op.ts";
import { withGradient } from "../with_gradient.ts";

/** Rows and columns. */
type Pair = readonly [number, number];

/** Windows on an image. */
export type Windows = {
  /** Rows, columns and channels of the image, without what lies around it. */
  input: readonly [number, number, number];
  /** Rows and columns of a window. */
  window: Pair;
  /** Distance between neighbouring windows, down and across. */
  strides: Pair;
};

/** Rows and columns of zeros around an image: top, bottom, left, right. */
export type Frame = readonly [number, number, number, number];

/**
 * What follows a sum x, in two straight lines and a cut: min(x, `most`) where x is above 0,
 * else `below` · x. A relu has 0 below, what is linear 1, a leaky relu its slope.
 *
 * Where it `rounds`, what is so bent becomes the nearest integer, ⌊y + ½⌋, of −`most` to `most`;
 * gradients pass that as if it weren't there.
 */
export type Bend = {
  below: number;
  most: number;
  rounds: boolean;
};

/** What each kind of stage says. */
export interface StageFields {
  /**
   * Windows times filters, a bias, an activation, and the largest of each pool, side by side;
   * pools of `[1, 1]` are none. A dense layer has one window, which is all of its input.
   */
  convolution: Windows & {
    frame: Frame;
    filters: number;
    activation: Bend;
    pool: Pair;
  };
  /** Windows of each channel times filters of its own, a bias, an activation. */
  depthwise: Windows & { frame: Frame; multiplier: number; activation: Bend };
  /** The sum of each window of each channel times a factor, which makes it a mean, and an activation. */
  mean: Windows & { factor: number; activation: Bend };
  /** The largest of each window of each channel. */
  largest: Windows;
  /** What so many stages before read, added to each place, and an activation. */
  sum: Windows & { back: number; activation: Bend };
}

/** Which stage. */
export type StageKind = keyof StageFields;

/** A layer of a row, or a few, as plain data: what is done with an image in one go. */
export type Stage<K extends StageKind = StageKind> = {
  [Kind in K]: { kind: Kind } & StageFields[Kind];
}[K];

/** What a kind of stage is, without how a backend runs it. */
interface StageRule<K extends StageKind> {
  /** Whether what it says is what it must say. */
  fields: { [Field in keyof StageFields[K]]: (value: unknown) => boolean };
  /** Channels that it makes. */
  channels(stage: Stage<K>): number;
  /** Extents of its filter, where it has one: a bias for each channel then stands behind it. */
  filter?(stage: Stage<K>): number[];
  /** What it makes of images `[n, h, w, c]`, by tfjs's own operations. */
  feed(
    stage: Stage<K>,
    images: tf.Tensor4D,
    rest: {
      filter: tf.Tensor4D;
      bias: tf.Tensor1D;
      /** What each stage up to this one reads. */
      read: readonly tf.Tensor4D[];
    },
  ): tf.Tensor4D;
}

/** Whether a value is so many counts. */
function counts(size: number) {
  return (value: unknown): boolean =>
    Array.isArray(value) && value.length === size &&
    value.every(COUNT.accepts);
}

function isBend(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    "below" in value && typeof value.below === "number" &&
    value.below >= 0 && value.below <= 1 &&
    "most" in value && typeof value.most === "number" && value.most > 0 &&
    "rounds" in value && typeof value.rounds === "boolean";
}

const WINDOWS = { input: counts(3), window: counts(2), strides: counts(2) };

/** `images` with zeros around them. */
function framed(
  images: tf.Tensor4D,
  [top, bottom, left, right]: Frame,
): tf.Tensor4D {
  return tf.pad(images, [[0, 0], [top, bottom], [left, right], [0, 0]]);
}

function bend(
  x: tf.Tensor4D,
  { below, most, rounds }: Bend,
): tf.Tensor4D {
  const y = below === 1 ? x : below === 0 ? tf.relu(x) : tf.leakyRelu(x, below);
  if (rounds) return roundWithin(y, most);
  return most === Infinity ? y : tf.minimum(y, most);
}

/** ⌊x + ½⌋ within ±`most`; ∂L/∂x is ∂L/∂y where x itself is within it, else 0. */
function roundWithin(x: tf.Tensor4D, most: number): tf.Tensor4D {
  const forward = () => ({
    value: tf.clipByValue(tf.floor(tf.add(x, 0.5)), -most, most),
    saved: [x],
  });
  return withGradient([x], forward, (dy, [x]) => [
    tf.where(tf.lessEqual(tf.abs(x), most), dy, tf.zerosLike(dy)),
  ]).as4D(...x.shape);
}

/** Every kind of stage. */
const RULES: { readonly [K in StageKind]: StageRule<K> } = {
  convolution: {
    fields: {
      ...WINDOWS,
      frame: counts(4),
      filters: COUNT.accepts,
      activation: isBend,
      pool: counts(2),
    },
    channels: ({ filters }) => filters,
    filter: ({ window, input, filters }) => [...window, input[2], filters],
    feed: ({ frame, strides, activation, pool }, images, rest) => {
      const { filter, bias } = rest;
      const z = tf.conv2d(framed(images, frame), filter, [...strides], "valid");
      // The largest is the same before what follows as after it, where more are alike.
      const largest = pool[0] * pool[1] === 1
        ? z
        : tf.maxPool(z, [...pool], [...pool], "valid");
      return bend(tf.add(largest, bias), activation);
    },
  },
  depthwise: {
    fields: {
      ...WINDOWS,
      frame: counts(4),
      multiplier: COUNT.accepts,
      activation: isBend,
    },
    channels: ({ input, multiplier }) => input[2] * multiplier,
    filter: ({ window, input, multiplier }) => [
      ...window,
      input[2],
      multiplier,
    ],
    feed: ({ frame, strides, activation }, images, { filter, bias }) => {
      const x = framed(images, frame);
      const z = tf.depthwiseConv2d(x, filter, [...strides], "valid");
      return bend(tf.add(z, bias), activation);
    },
  },
  mean: {
    fields: {
      ...WINDOWS,
      factor: (value) => typeof value === "number" && value > 0,
      activation: isBend,
    },
    channels: ({ input }) => input[2],
    feed: ({ window, strides, factor, activation }, images) => {
      const means = tf.avgPool(images, [...window], [...strides], "valid");
      const places = sizeOf(window);
      const times = factor === 1 / places ? 1 : factor * places;
      return bend(times === 1 ? means : tf.mul(means, times), activation);
    },
  },
  largest: {
    fields: WINDOWS,
    channels: ({ input }) => input[2],
    feed: ({ window, strides }, images) =>
      tf.maxPool(images, [...window], [...strides], "valid"),
  },
  sum: {
    fields: { ...WINDOWS, back: COUNT.accepts, activation: isBend },
    channels: ({ input }) => input[2],
    feed: ({ back, activation }, images, { read }) =>
      bend(tf.add(images, read[read.length - 1 - back]), activation),
  },
};

function ruleOf<K extends StageKind>(stage: Stage<K>): StageRule<K> {
  return RULES[stage.kind];
}

function isStage(value: unknown): value is Stage {
  if (typeof value !== "object" || value === null) return false;
  const { kind, ...said }: { kind?: unknown; [field: string]: unknown } = {
    ...value,
  };
  const rule = Object.entries(RULES).find(([name]) => name === kind)?.[1];
  return rule !== undefined &&
    Object.keys(said).length === Object.keys(rule.fields).length &&
    Object.entries(rule.fields).every(([field, accepts]) =>
      accepts(said[field])
    );
}

const STAGES: AttributeRule<readonly Stage[]> = {
  what: "stages of a row",
  accepts: (value): value is readonly Stage[] =>
    Array.isArray(value) && value.length > 0 && value.every(isStage),
};

/** Zeros around what `stage` reads. */
export function frameOf(stage: Stage): Frame {
  return "frame" in stage ? stage.frame : [0, 0, 0, 0];
}

/** Whether zeros lie around what `stage` reads. */
export function hasFrame(stage: Stage): boolean {
  return frameOf(stage).some((zeros) => zeros > 0);
}

/** Windows of `stage`, down and across. */
export function windowsOf(stage: Stage): [number, number] {
  const { input, window, strides } = stage;
  const [top, bottom, left, right] = frameOf(stage);
  return [
    Math.floor((top + input[0] + bottom - window[0]) / strides[0]) + 1,
    Math.floor((left + input[1] + right - window[1]) / strides[1]) + 1,
  ];
}

/** What `stage` makes of an image: rows and columns, of pools where it has them, and channels. */
export function outputOf(stage: Stage): [number, number, number] {
  const [down, across] = windowsOf(stage);
  const [rows, columns] = stage.kind === "convolution" ? stage.pool : [1, 1];
  return [
    Math.floor(down / rows),
    Math.floor(across / columns),
    ruleOf(stage).channels(stage),
  ];
}

/** Numbers in a row of a window of `stage`. */
export function runOf({ window, input }: Windows): number {
  return window[1] * input[2];
}

/** Weights of a filter of `stage`, its bias not counted; 0 where it has none. */
export function filterSize(stage: Stage): number {
  const extents = ruleOf(stage).filter?.(stage);
  return extents ? sizeOf(extents) : 0;
}

/** Numbers that `stage` adds to its sums: one a channel, where it has a filter. */
export function biasSize(stage: Stage): number {
  return filterSize(stage) > 0 ? ruleOf(stage).channels(stage) : 0;
}

/** Product of extents. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Whether `stage` can read what `before` makes: as many numbers, and in a frame the same extents. */
function follows(stage: Stage, before: Stage): boolean {
  const made = outputOf(before);
  return hasFrame(stage)
    ? `${made}` === `${stage.input}`
    : sizeOf(made) === sizeOf(stage.input);
}

/** Whether `stage` adds, place by place, what `before` reads. */
function addsLike(stage: Stage<"sum">, before: Stage | undefined): boolean {
  return stage.back > 0 && `${before?.input}` === `${stage.input}` &&
    sizeOf(stage.window) === 1 && sizeOf(stage.strides) === 1;
}

/** Throws a `RangeError` where a stage doesn't read what ones before it read and make. */
function checkStages(stages: readonly Stage[]): void {
  stages.forEach((stage, index) => {
    const fits = (index === 0 || follows(stage, stages[index - 1])) &&
      (stage.kind !== "sum" || addsLike(stage, stages[index - stage.back]));
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

/** Classes that the last of `stages` has a logit of. */
export function classesOf(stages: readonly Stage[]): number {
  return outputOf(stages[stages.length - 1])[2];
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
  attributes: { stages: STAGES, white: NUMBER },
  check: ({ words, weights, labels, teacherLogits, terms }, { stages }) => {
    checkStages(stages);
    const [count] = labels.shape;
    checkInputShape("words", words, [
      Math.ceil(count * sizeOf(stages[0].input) / 4),
    ]);
    checkInputShape("weights", weights, [countWeights(stages)]);
    checkInputShape("labels", labels, [count]);
    checkInputShape("teacherLogits", teacherLogits, [
      count,
      classesOf(stages),
    ]);
    checkInputShape("terms", terms, [1, TERM_NAMES.length]);
  },
});

/** Weights of all of `stages`, biases too. */
export function countWeights(stages: readonly Stage[]): number {
  return stages.reduce(
    (sum, stage) => sum + filterSize(stage) + biasSize(stage),
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
  const take = (size: number) => {
    const taken = tf.slice(weights, [next], [size]);
    next += size;
    return taken;
  };
  const [count] = images.shape;
  const read: tf.Tensor4D[] = [];
  const logits = stages.reduce((x, stage) => {
    const [height, width, channels] = stage.input;
    const rule = ruleOf(stage);
    const [rows, columns, depth, filters] = rule.filter?.(stage) ??
      [0, 0, 0, 0];
    const images = x.as4D(count, height, width, channels);
    read.push(images);
    return rule.feed(stage, images, {
      filter: take(filterSize(stage)).as4D(rows, columns, depth, filters),
      bias: take(biasSize(stage)).as1D(),
      read,
    });
  }, images);
  return tf.reshape(logits, [count, -1]);
}

/**
 * Feeds images through a row of `stages` and back, in one pass: ∂(Σᵢ lossᵢ)/∂w `[weights]`,
 * and (Σᵢ lossᵢ, how many images have their class's logit as the first largest) `[2]`.
 *
 * xᵢ = pixelᵢ · `white` / 255. Each stage is one of {@linkcode StageFields}, as y = maxpool(f(x ∗ w + b));
 * lossᵢ is `mixedLoss`'s of the last one's output. `weights` are the filter, `[kh, kw, c, f]` or
 * depthwise `[kh, kw, c, m]`, and the bias, `[f]` or `[c·m]`, of each stage that has them in
 * order, row-major, in one row `[weights]`.
 *
 * A sum that is cut at `most` has no gradient, one that is exactly that either.
 *
 * Throws a `RangeError` where shapes don't go together, and on Wasm for a label that is no
 * class.
 */
export function rowGradient(
  stages: readonly Stage[],
  weights: tf.Tensor,
  { words, labels, teacherLogits, terms }: RowBatch,
  white: 1 | 255 = 1,
): { gradient: tf.Tensor; sums: tf.Tensor } {
  checkStages(stages);
  const inputs = { words, weights, labels, teacherLogits, terms };
  const [gradient, sums] = runKernel(
    rowGradientKernel,
    inputs,
    { stages, white },
    () => {
      const [count] = labels.shape;
      const numbers = unpackWords(words, [count, ...stages[0].input]);
      const images = white === 1 ? numbers : tf.round(tf.mul(numbers, white));
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
