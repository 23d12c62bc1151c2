import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { initialWeights } from "../../../core/models/initialise.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { rowStages } from "../../../core/models/row_stages.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { applyConstraints } from "../../../core/train/constraints/apply_constraints.ts";
import {
  constrainValues,
  placeConstraints,
  type PlainConstraint,
} from "../../../core/train/constraints/constrain_values.ts";
import type { UniformConstraint } from "../../../core/train/constraints/constraint.ts";
import { differentiatePart } from "../../../core/train/differentiate.ts";
import {
  imageLearner,
  type ImageTask,
} from "../../../core/train/image_learner.ts";
import type { BatchPart, Gradients } from "../../../core/train/learner.ts";
import { rowLearner } from "../../../core/train/row_learner.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";
import { tinyDigits } from "./tiny_digits.ts";

await useWasm();

/**
 * Without a pool: sums of levels times bytes are often the same number but for rounding, and
 * of equal maxima either may get the gradient.
 */
const SPEC = parseLayers("conv3x5/2,conv2x6", { input: [14, 14, 1] });
const POOLED = parseLayers("conv3x5,max2,conv2x6", { input: [14, 14, 1] });
/** What else a row may have: zeros around images, depthwise filters, leaky relus, a sum, a mean. */
const SEPARABLE = parseLayers(
  "conv3x5:same:leaky,max3/2,res(depth3:same:leaky),conv1x7:leaky,depth3/2:same,mean",
  { input: [14, 14, 1] },
);
const SHAPES = weightShapes(SPEC);

function uniform(fields: Partial<UniformConstraint>): UniformConstraint {
  const plain = {
    kind: "uniform",
    perChannel: false,
    powerOfTwo: false,
  } as const;
  return { ...plain, bits: 3, ...fields };
}

function sizeOf(shape: number[]): number {
  return tf.util.sizeFromShape(shape);
}

/** 0 for every third weight of `shape`. */
function maskOf(shape: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: sizeOf(shape) },
    (_, i) => Number(i % 3 > 0),
  );
}

/** Constraints by the weight's index, for kernels and for biases. */
const HELD: Record<string, (index: number) => PlainConstraint> = {
  "free weights": () => ({ kind: "free" }),
  "levels of 3 bits, biases of 4": (index) => uniform({ bits: 3 + index % 2 }),
  "steps a channel, powers of two": (index) =>
    index % 2 === 0
      ? uniform({ perChannel: true, powerOfTwo: true })
      : { kind: "half" },
  "signs": (index) => index % 2 === 0 ? uniform({ bits: 1 }) : { kind: "free" },
  "pruned levels": (index) => uniform({ mask: maskOf(SHAPES[index]) }),
  "pruned floats": (index) => ({ kind: "mask", mask: maskOf(SHAPES[index]) }),
};

/** The constraints called `held`, of each weight. */
function constrain(held: string): PlainConstraint[] {
  return SHAPES.map((_, index) => HELD[held](index));
}

function taskOf(held: string, spec: ModelSpec = SPEC): ImageTask {
  const random = randomStream(1, "teacher");
  // No two windows alike: of equal maxima, as levels make many of, either may get the gradient.
  const digits = tinyDigits(0, 60);
  const examples = {
    ...digits,
    images: digits.images.map(() => random.below(256)),
  };
  const teacherLogits = Float32Array.from(
    { length: 600 },
    () => 8 * random.uniform() - 4,
  );
  return {
    spec,
    training: { examples, teacherLogits },
    validation: { examples, teacherLogits },
    loss: { kind: "distillation", temperature: 3, alpha: 0.9 },
    seed: 1,
    // Biases other than 0, or sums of black pixels would lie where a relu has its corner.
    initial: initialWeights(spec, 1).map(({ shape, values }) => ({
      shape,
      values: shape.length > 1
        ? values
        : values.map(() => random.uniform() - 0.5),
    })),
    constraints: constrain(held),
    ratePenalty: 0.3,
    damping: { most: 0.4, steps: 100 },
  };
}

const BATCH = Uint32Array.from({ length: 21 }, (_, i) => (7 * i) % 60);
const STEP = 70;

/** The numbers of both, the gradients' one after another. */
async function numbersOf({ gradients, outcome }: Gradients) {
  const flat = await tf.concat(gradients.map((each) => each.flatten())).data();
  return { gradient: [...flat], outcome: [...await outcome.data()] };
}

/** By `imageLearner`, whose gradients are tfjs's. */
async function byTape(task: ImageTask, part?: BatchPart) {
  const learner = imageLearner(task);
  const weights = learner.initial.map(toTensor);
  return await numbersOf(
    differentiatePart(learner, weights, BATCH, STEP, part),
  );
}

async function byRow(task: ImageTask, part?: BatchPart) {
  const learner = rowLearner(task);
  const weights = learner.initial.map(toTensor);
  return await numbersOf(
    differentiatePart(learner, weights, BATCH, STEP, part),
  );
}

function assertAlike(found: number[], wanted: number[]): void {
  const largest = Math.max(...wanted.map(Math.abs));
  assertEquals(found.length, wanted.length);
  wanted.forEach((each, index) =>
    assertAlmostEquals(found[index], each, 2e-5 * largest)
  );
}

Deno.test("the rows that are tested go in one pass", () => {
  for (const spec of [SPEC, POOLED, SEPARABLE]) assert(rowStages(spec));
});

for (const [what, spec] of Object.entries({ POOLED, SEPARABLE })) {
  Deno.test(`a step of a row, ${what.toLowerCase()}, has the gradient and outcome of tfjs's tape`, async () => {
    const task = { ...taskOf("free weights", spec), constraints: undefined };
    const [found, wanted] = [await byRow(task), await byTape(task)];
    assertAlike(found.gradient, wanted.gradient);
    assertAlmostEquals(found.outcome[0], wanted.outcome[0], 1e-3);
  });
}

for (const held of Object.keys(HELD)) {
  Deno.test(`a step in one pass has the gradient and outcome of tfjs's tape: ${held}`, async () => {
    const task = taskOf(held);
    for (const part of [undefined, { first: 5, count: 9 }]) {
      const [found, wanted] = [
        await byRow(task, part),
        await byTape(task, part),
      ];
      assertAlike(found.gradient, wanted.gradient);
      assertAlmostEquals(found.outcome[0], wanted.outcome[0], 1e-3);
      assertEquals(found.outcome[1], wanted.outcome[1]);
    }
  });

  Deno.test(`weights by plain TypeScript are those of tfjs's operations, to the bit: ${held}`, async () => {
    const constraints = constrain(held);
    const { initial } = imageLearner(taskOf(held));
    const variables = Float32Array.from(
      initial.flatMap(({ values }) => [...values]),
    );
    const sizes = initial.map(({ shape }) => sizeOf(shape));
    const places = placeConstraints(constraints, sizes);
    const wanted = applyConstraints(
      constraints,
      SHAPES,
      initial.map(toTensor),
    );
    const values = await Promise.all(wanted.map((each) => each.data()));
    assertEquals(
      [...constrainValues(places, variables)].map((w) => w + 0),
      values.flatMap((each) => [...each]).map((w) => w + 0),
    );
  });
}

// Sums of integers are exact, and so is which of them a rounding clamps.
for (
  const text of [
    "conv3x5/2:round8,conv2x6:round6",
    "conv3x5/2:round8.9.8.7.9b4,conv2x6:round3s2",
    "conv3x5:same:round9b2,depth3/2:round1s1,conv1x8:round4",
    "conv3x6/2:round7,mean:round3b5",
    "conv3x6/2:round7,pool2:round1s1,mean:linear",
  ]
) {
  Deno.test(`a step of a model of integers in one pass has the gradient and outcome of tfjs's tape: ${text}`, async () => {
    const spec = parseLayers(text, { input: [14, 14, 1], shift: 6 });
    assert(rowStages(spec));
    const task = taskOf("levels of 3 bits, biases of 4", spec);
    const constraints = weightShapes(spec).map((_, index) =>
      uniform({ bits: 3 + index % 2 })
    );
    for (const part of [undefined, { first: 5, count: 9 }]) {
      const held = { ...task, constraints };
      const found = await byRow(held, part);
      const wanted = await byTape(held, part);
      // Neither clamped throughout, nor silent.
      assert(wanted.gradient.filter((each) => each !== 0).length > 40);
      assertAlike(found.gradient, wanted.gradient);
      assertAlmostEquals(found.outcome[0], wanted.outcome[0], 1e-3);
      assertEquals(found.outcome[1], wanted.outcome[1]);
    }
  });
}

Deno.test("what no row has goes by tfjs's tape, to the bit", async () => {
  const spec = parseLayers("conv3x5,max2,conv2x6:tanh", { input: [14, 14, 1] });
  const task = taskOf("levels of 3 bits, biases of 4", spec);
  assertEquals(await byRow(task), await byTape(task));
});

Deno.test("its variables are imageLearner's, one after another", () => {
  const task = taskOf("levels of 3 bits, biases of 4");
  const learner = rowLearner(task);
  assertEquals(learner.initial.length, 1);
  assertEquals(learner.split(learner.initial), imageLearner(task).initial);
});

Deno.test("it is validated as imageLearner is, and leaves no tensor behind", async () => {
  const task = taskOf("levels of 3 bits, biases of 4");
  const [row, images] = [rowLearner(task), imageLearner(task)];
  const weights = row.initial.map(toTensor);
  const before = tf.memory().numTensors;
  const scores = await row.validate(weights);
  const { gradients, outcome } = differentiatePart(row, weights, BATCH, STEP);
  tf.dispose([gradients, outcome]);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(scores, await images.validate(images.initial.map(toTensor)));
});
