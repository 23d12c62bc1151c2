import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { useWasm } from "../../../../core/device/wasm.ts";
import { packTerms } from "../../../../core/kernels/mixed_loss/op.ts";
import {
  type Bend,
  classesOf,
  countWeights,
  type Frame,
  outputOf,
  rowGradient,
  type Stage,
  type Windows,
  windowsOf,
} from "../../../../core/kernels/row_gradient/op.ts";
import { packWords } from "../../../../core/kernels/unpack_pixels/op.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import * as tf from "../../../../core/tf.ts";
import { testOnEveryBackend } from "../every_backend.ts";
import { leaveInMemory } from "../wasm/garbage.ts";

const LINEAR: Bend = { below: 1, most: Infinity, rounds: false };
const RELU: Bend = { below: 0, most: Infinity, rounds: false };
const LEAKY: Bend = { below: 0.125, most: Infinity, rounds: false };
/** A relu that is cut where many sums are. */
const CUT: Bend = { below: 0, most: 0.25, rounds: false };
const BARE: Frame = [0, 0, 0, 0];

/** A convolution by `size`×`size` windows with relu, whatever it reads. */
function conv(
  input: Windows["input"],
  size: number,
  filters: number,
  { stride = 1, pool = [1, 1], activation = RELU, frame = BARE }: {
    stride?: number;
    pool?: Stage<"convolution">["pool"];
    activation?: Bend;
    frame?: Frame;
  } = {},
): Stage<"convolution"> {
  return {
    kind: "convolution",
    input,
    window: [size, size],
    strides: [stride, stride],
    frame,
    filters,
    activation,
    pool,
  };
}

/** A depthwise convolution by 3×3 windows with relu, whatever it reads. */
function depthwise(
  input: Windows["input"],
  {
    window = [3, 3],
    stride = 1,
    multiplier = 1,
    activation = RELU,
    frame = BARE,
  }: {
    window?: Windows["window"];
    multiplier?: number;
    stride?: number;
    activation?: Bend;
    frame?: Frame;
  } = {},
): Stage<"depthwise"> {
  const strides = [stride, stride] as const;
  const windows = { input, window, strides, frame };
  return { kind: "depthwise", ...windows, multiplier, activation };
}

/** The mean, or the largest, of windows side by side unless strides are given. */
function pool(
  kind: "mean" | "largest",
  input: Windows["input"],
  window: Windows["window"],
  strides = window,
): Stage {
  const windows = { input, window, strides };
  if (kind === "largest") return { kind, ...windows };
  const factor = 1 / (window[0] * window[1]);
  return { kind, ...windows, factor, activation: LINEAR };
}

/** What `back` stages before read, added. */
function sum(
  input: Windows["input"],
  back: number,
  activation = RELU,
): Stage<"sum"> {
  const one = [1, 1] as const;
  return { kind: "sum", input, window: one, strides: one, back, activation };
}

/** `rest`, and a dense layer of `classes` units behind them. */
function endedBy(classes: number, ...rest: Stage[]): Stage[] {
  const made = rest.map(outputOf).at(-1) ?? [0, 0, 0];
  const input = [1, 1, made.reduce((a, b) => a * b)] as const;
  return [...rest, conv(input, 1, classes, { activation: LINEAR })];
}

/** Rows that recipes train, and what they don't: odd sizes, pools, strides, many filters. */
const ROWS: Record<string, Stage[]> = {
  "conv5x4/2,max2,conv3x7,max2": endedBy(
    10,
    conv([28, 28, 1], 5, 4, { stride: 2, pool: [2, 2] }),
    conv([6, 6, 4], 3, 7, { pool: [2, 2] }),
  ),
  "conv5x8/2,conv3x12,max2,conv3x12": endedBy(
    10,
    conv([28, 28, 1], 5, 8, { stride: 2 }),
    conv([12, 12, 8], 3, 12, { pool: [2, 2] }),
    conv([5, 5, 12], 3, 12),
  ),
  "pools of 3×2 on an odd image of 3 channels, 5 classes": endedBy(
    5,
    conv([11, 9, 3], 4, 5, { pool: [3, 2], stride: 1 }),
    conv([2, 3, 5], 2, 17, { activation: LINEAR }),
  ),
  "20 filters, pools in a row and in a column": endedBy(
    3,
    conv([9, 9, 1], 2, 20, { pool: [1, 2] }),
    conv([8, 4, 20], 2, 6, { pool: [3, 1] }),
  ),
  "a dense layer with relu": endedBy(4, {
    ...conv([1, 1, 35], 1, 9),
  }),
  "a dense layer that reads an image, row by row": [
    conv([10, 9, 1], 4, 5, { stride: 2 }),
    { ...conv([4, 3, 5], 4, 6), window: [4, 3], activation: LINEAR },
  ],
  "one dense layer": endedBy(4, conv([5, 5, 1], 5, 1)),
  "pool2,conv3x6,depth3,conv1x10,mean": endedBy(
    10,
    pool("mean", [28, 28, 1], [2, 2]),
    conv([14, 14, 1], 3, 6),
    depthwise([12, 12, 6]),
    conv([10, 10, 6], 1, 10),
    pool("mean", [10, 10, 10], [10, 10]),
  ),
  "means of as many filters as classes": [
    conv([9, 8, 1], 3, 5, { activation: LEAKY }),
    pool("mean", [7, 6, 5], [7, 6]),
  ],
  "a leaky relu behind a pool, and in a first layer without one": endedBy(
    4,
    conv([11, 9, 1], 3, 5, { activation: LEAKY }),
    conv([9, 7, 5], 2, 6, { activation: LEAKY, pool: [2, 3] }),
  ),
  "sums that are cut": endedBy(
    4,
    conv([11, 9, 1], 3, 5, { activation: CUT }),
    depthwise([9, 7, 5], { activation: CUT }),
    conv([7, 5, 5], 2, 6, { activation: CUT, pool: [2, 2] }),
  ),
  "zeros around images of 1, 6 and 5 channels": endedBy(
    4,
    conv([7, 9, 1], 3, 6, { frame: [1, 1, 1, 1], activation: LEAKY }),
    conv([7, 9, 6], 3, 5, { frame: [1, 2, 0, 1], pool: [2, 2] }),
    conv([4, 4, 5], 2, 7, { frame: [0, 1, 1, 0], stride: 2 }),
  ),
  "depthwise layers in frames, leaky, of 3 and 9 channels, at first": endedBy(
    4,
    depthwise([9, 8, 3], { frame: [1, 1, 1, 1], activation: LEAKY }),
    conv([9, 8, 3], 1, 9, { activation: LINEAR }),
    depthwise([9, 8, 9], { window: [4, 5], frame: [1, 2, 2, 2], stride: 2 }),
    depthwise([5, 4, 9], { activation: LINEAR }),
  ),
  "two and three filters a channel": endedBy(
    4,
    depthwise([9, 8, 3], { multiplier: 2, activation: LEAKY }),
    depthwise([7, 6, 6], { multiplier: 3, window: [4, 4], stride: 2 }),
  ),
  "sums within sums, of what has zeros around it": endedBy(
    4,
    conv([9, 8, 1], 3, 5, { activation: LINEAR }),
    conv([7, 6, 5], 3, 5, { frame: [1, 1, 1, 1] }),
    depthwise([7, 6, 5], { frame: [1, 1, 1, 1], activation: LINEAR }),
    sum([7, 6, 5], 1, LEAKY),
    conv([7, 6, 5], 2, 5, { frame: [1, 0, 0, 1], activation: LINEAR }),
    sum([7, 6, 5], 4),
    conv([7, 6, 5], 3, 6, { pool: [2, 2] }),
  ),
  "sums of pixels, of 3 channels": endedBy(
    4,
    depthwise([5, 4, 3], { frame: [1, 1, 1, 1], activation: LINEAR }),
    sum([5, 4, 3], 1),
    pool("mean", [5, 4, 3], [5, 4]),
  ),
  "maxima that overlap, of means that do, and the largest of all": [
    conv([12, 11, 1], 2, 7, { activation: LINEAR }),
    pool("mean", [11, 10, 7], [3, 2], [2, 1]),
    pool("largest", [5, 9, 7], [2, 3], [1, 2]),
    conv([4, 4, 7], 1, 3, { activation: LINEAR }),
    pool("largest", [4, 4, 3], [4, 4]),
  ],
};

/** One of 4 classes, quick on every backend. */
const SMALL = endedBy(4, conv([9, 8, 1], 3, 5, { pool: [2, 2] }));

/** Of 3 classes, all kinds of stages. */
const SMALL_OF_ALL = endedBy(
  3,
  conv([9, 8, 1], 3, 5, { frame: [1, 1, 0, 1], activation: LEAKY }),
  pool("largest", [9, 7, 5], [3, 3], [2, 2]),
  depthwise([4, 3, 5], { frame: [1, 1, 1, 1] }),
  sum([4, 3, 5], 1, LINEAR),
  pool("mean", [4, 3, 5], [2, 3]),
);

const COUNT = 7;

/** What follows the sums of a row that is drawn: of real numbers. */
const REAL = [LINEAR, RELU, LEAKY, CUT];
/** Of integers: relus of 8 bits and of 2, what is leaky, and what has a sign. */
const ROUNDED = [
  { below: 0, most: 255, rounds: true },
  { below: 0, most: 3, rounds: true },
  { below: 1 / 4, most: 15, rounds: true },
  { below: 1, most: 7, rounds: true },
];

/** One to three stages that make images of what they read, and a sum of both. */
function drawSum(
  input: Windows["input"],
  activations: readonly Bend[],
  random: Xoshiro128,
): Stage[] {
  const of = <T>(...values: T[]) => values[random.below(values.length)];
  const held = Array.from({ length: 1 + random.below(3) }, () => {
    const size = of(1, 2, 3);
    const before = random.below(size);
    const after = size - 1 - before;
    const said = {
      frame: [before, after, after, before] as const,
      activation: of(...activations),
    };
    return of<Stage>(
      conv(input, size, input[2], said),
      depthwise(input, { ...said, window: [size, size] }),
    );
  });
  const activation = of(...activations);
  return [...held, sum(input, held.length, activation)];
}

/** A stage on images of `input`, of any kind. */
function drawStage(
  input: Windows["input"],
  activations: readonly Bend[],
  random: Xoshiro128,
): Stage {
  const upTo = (most: number) => 1 + random.below(most);
  const of = <T>(...values: T[]) => values[random.below(values.length)];
  const window = [
    upTo(Math.min(4, input[0])),
    upTo(Math.min(4, input[1])),
  ] as const;
  const windows = { input, window, strides: [upTo(2), upTo(2)] as const };
  const [top, bottom, left, right] = [...window, ...window].map((_, side) =>
    random.below(window[side >> 1])
  );
  const frame = of<Frame>(BARE, [top, bottom, left, right]);
  const activation = of(...activations);
  const kind = of("convolution", "convolution", "depthwise", "mean", "largest");
  switch (kind) {
    case "convolution": {
      const said = { ...windows, frame, activation, filters: upTo(17) };
      const plain: Stage<"convolution"> = { kind, ...said, pool: [1, 1] };
      const [down, across] = windowsOf(plain);
      const pool = [
        upTo(Math.min(3, down)),
        upTo(Math.min(3, across)),
      ] as const;
      return of(plain, { ...plain, pool });
    }
    case "depthwise":
      return { kind, ...windows, frame, activation, multiplier: upTo(3) };
    case "mean":
      return { kind, ...windows, factor: of(1, 1 / 4, 1 / 32), activation };
    case "largest":
      return { kind, ...windows };
  }
}

/** A row of one to five stages on small images. */
function drawRow(seed: number, activations: readonly Bend[] = REAL): Stage[] {
  const random = randomStream(seed, "row");
  const stages: Stage[] = [];
  let now: Windows["input"] = [
    4 + random.below(8),
    4 + random.below(8),
    1 + random.below(6),
  ];
  for (let left = random.below(5); left >= 0; left--) {
    if (random.below(3) === 0) {
      stages.push(...drawSum(now, activations, random));
    }
    const stage = drawStage(now, activations, random);
    stages.push(stage);
    now = outputOf(stage);
  }
  return endedBy(2 + random.below(9), ...stages);
}

/** Numbers from −1 to 1. */
function draw(size: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(5, name);
  return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
}

/** Weights and a batch for `stages`, the same at every call. */
function given(stages: Stage[], count = COUNT) {
  const random = randomStream(6, "pixels");
  const size = stages[0].input.reduce((a, b) => a * b);
  const classes = classesOf(stages);
  const pixels = Uint8Array.from(
    { length: count * size },
    () => random.uniform() < 0.3 ? 0 : 256 * random.uniform(),
  );
  const labels = Int32Array.from({ length: count }, (_, i) => 3 * i % classes);
  return {
    weights: tf.tensor1d(
      draw(countWeights(stages), "weights").map((w) => w / 2),
    ),
    batch: {
      words: packWords(pixels),
      labels: tf.tensor1d(labels),
      teacherLogits: tf.tensor2d(draw(count * classes, "teacher"), [
        count,
        classes,
      ]).mul(4),
      terms: packTerms([{ a: 0.1, b: 0.9, c: 0.2, T: 3 }]),
    },
  };
}

/**
 * Weights for `stages` that round: multiples of powers of two, by which all sums are exact, and
 * behind them any.
 */
function drawLevels(stages: Stage[]): tf.Tensor {
  const random = randomStream(7, "levels");
  return tf.tensor1d(stages.flatMap((stage, index) => {
    const [, , channels] = outputOf(stage);
    const inputs = countWeights([stage]) / channels;
    const last = index === stages.length - 1;
    const step = last ? 1e-3 : 2 ** -Math.ceil(Math.log2(inputs + 1) / 2 + 1);
    return Array.from(
      { length: countWeights([stage]) },
      () => step * (random.below(8) - 3),
    );
  }));
}

/** Gradient and sums on the current backend. */
async function compute(stages: Stage[], count?: number) {
  const { weights: real, batch } = given(stages, count);
  const rounds = stages.some((stage) =>
    "activation" in stage && stage.activation.rounds
  );
  const weights = rounds ? drawLevels(stages) : real;
  const white = rounds ? 255 : 1;
  const { gradient, sums } = rowGradient(stages, weights, batch, white);
  return {
    gradient: await gradient.data<"float32">(),
    sums: await sums.data<"float32">(),
  };
}

/** Asserts that the current backend finds what the CPU's operations do. */
async function assertParity(stages: Stage[]): Promise<void> {
  const found = await compute(stages);
  await useCpu();
  const wanted = await compute(stages);
  assertEquals(found.sums[1], wanted.sums[1]);
  assertAlmostEquals(found.sums[0], wanted.sums[0], 1e-5 * wanted.sums[0]);
  // Each stage by itself: an early one's may be small beside the last one's.
  let next = 0;
  for (const stage of stages) {
    const own = next;
    next += countWeights([stage]);
    const slopes = wanted.gradient.slice(own, next);
    // Sums of some hundred products in another order.
    const largest = Math.max(...slopes.map(Math.abs));
    slopes.forEach((slope, index) =>
      assertAlmostEquals(found.gradient[own + index], slope, 2e-5 * largest)
    );
  }
  assertEquals(found.gradient.length, next);
}

testOnEveryBackend(
  "a row's loss, hits and gradient are those of the CPU",
  async () => {
    const backend = tf.getBackend();
    await assertParity(SMALL);
    await tf.setBackend(backend);
    await assertParity(SMALL_OF_ALL);
  },
);

for (const [name, stages] of Object.entries(ROWS)) {
  Deno.test(`on Wasm a row's loss, hits and gradient are those of the CPU: ${name}`, async () => {
    await useWasm();
    await assertParity(stages);
  });
}

Deno.test("on Wasm random rows' losses, hits and gradients are those of the CPU", async () => {
  const kinds = new Map<string, number>();
  for (let seed = 0; seed < 60; seed++) {
    const stages = drawRow(seed);
    for (const { kind } of stages) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    await useWasm();
    try {
      await assertParity(stages);
    } catch (cause) {
      throw new Error(`Row ${seed}: ${JSON.stringify(stages)}`, { cause });
    }
  }
  for (const [kind, drawn] of kinds) assert(drawn >= 20, `${kind}: ${drawn}`);
  assertEquals(kinds.size, 5);
});

Deno.test("on Wasm random rows of integers have the losses, hits and gradients of the CPU", async () => {
  let [passed, all] = [0, 0];
  for (let seed = 100; seed < 140; seed++) {
    const stages = drawRow(seed, ROUNDED);
    await useWasm();
    try {
      await assertParity(stages);
    } catch (cause) {
      throw new Error(`Row ${seed}: ${JSON.stringify(stages)}`, { cause });
    }
    const { gradient } = await compute(stages);
    passed += gradient.filter((slope) => slope !== 0).length;
    all += gradient.length;
  }
  // Not all of them are clamped or silent.
  assert(passed > all / 2, `${passed} of ${all}`);
});

/** Asserts that the gradient on the current backend is the slope of the loss. */
async function assertSlopes(stages: Stage[]): Promise<void> {
  const { weights, batch } = given(stages);
  const { gradient } = rowGradient(stages, weights, batch);
  const found = await gradient.data<"float32">();
  const values = await weights.data<"float32">();
  const lossAt = async (index: number, by: number) => {
    const moved = values.slice();
    moved[index] += by;
    const { sums } = rowGradient(stages, tf.tensor1d(moved), batch);
    return (await sums.data())[0];
  };
  const STEP = 2e-3;
  const largest = Math.max(...found.map(Math.abs));
  // Some of each stage's weights; a kink of a relu or a pool may lie between, now and then.
  for (let index = 0; index < found.length; index += 9) {
    const rise = await lossAt(index, STEP) - await lossAt(index, -STEP);
    assertAlmostEquals(rise / (2 * STEP), found[index], 0.03 * largest);
  }
}

testOnEveryBackend(
  "a row's gradient is the slope that differences find",
  async () => {
    await assertSlopes(SMALL);
    await assertSlopes(SMALL_OF_ALL);
  },
);

Deno.test("it is the same bits whatever memory held before", async () => {
  await useWasm();
  for (const stages of Object.values(ROWS)) {
    leaveInMemory(0);
    const first = await compute(stages);
    leaveInMemory(NaN);
    assertEquals(await compute(stages), first);
  }
});

Deno.test("a weight that is NaN reaches loss and gradient", async () => {
  await useWasm();
  const { weights, batch } = given(SMALL);
  const values = await weights.data<"float32">();
  values[2] = NaN;
  const { gradient, sums } = rowGradient(SMALL, tf.tensor1d(values), batch);
  assert(Number.isNaN((await sums.data())[0]));
  assert([...await gradient.data()].some(Number.isNaN));
});

Deno.test("it refuses stages that don't follow one another, and weights, images and labels that don't fit", async () => {
  await useWasm();
  const { weights, batch } = given(SMALL);
  const [first, last] = SMALL;
  const run = (stages: Stage[], changed: Partial<typeof batch> = {}) => () =>
    rowGradient(stages, weights, { ...batch, ...changed });
  assertThrows(run([last, first]), RangeError, "stage 1 must make something");
  assertThrows(run([first]), RangeError, "the last stage must make a number");
  assertThrows(
    run([first, sum([3, 3, 5], 1), last]),
    RangeError,
    "stage 1 must make something of what the one before makes",
  );
  assertThrows(
    () => rowGradient(SMALL, weights.slice(1), batch),
    RangeError,
    "`weights`",
  );
  assertThrows(
    run(SMALL, { words: batch.words.slice(1) }),
    RangeError,
    "`words`",
  );
  const labels = tf.tensor1d(new Int32Array(COUNT).fill(4));
  assertThrows(
    run(SMALL, { labels }),
    RangeError,
    "labels must be from 0 to 3",
  );
});
