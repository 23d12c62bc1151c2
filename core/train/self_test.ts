import { useCpu } from "../device/cpu.ts";
import { assertDeviceHealthy } from "../device/health.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { hasKernel } from "../kernels/kernel.ts";
import { packTerms } from "../kernels/mixed_loss/op.ts";
import { rowGradient, rowGradientKernel } from "../kernels/row_gradient/op.ts";
import { packWords } from "../kernels/unpack_pixels/op.ts";
import { modelCost, weightShapes } from "../models/cost.ts";
import { type DropoutSource, forward } from "../models/forward.ts";
import { glorotUniform } from "../models/initialise.ts";
import { parseLayers } from "../models/parse_layers.ts";
import { rowStages } from "../models/row_stages.ts";
import type { ModelSpec } from "../models/spec.ts";
import { teacherSpec } from "../models/teacher.ts";
import { randomStream } from "../random/stream.ts";
import type { Xoshiro128 } from "../random/xoshiro128.ts";
import * as tf from "../tf.ts";
import { applyConstraints } from "./constraints/apply_constraints.ts";
import type { Constraint } from "./constraints/constraint.ts";
import { startVariables } from "./constraints/start_variables.ts";
import { exampleLosses } from "./losses/example_losses.ts";
import { LOSSES, type LossSpec, lossTerms, makeLoss } from "./losses/losses.ts";
import { toTensor } from "./training_state.ts";

/** How far one quantity lies from the CPU backend's. */
export interface SelfTestQuantity {
  /** As "logits", "cross-entropy" or "gradient of cross-entropy by conv1 kernel". */
  name: string;
  /**
   * maxᵢ |aᵢ − bᵢ| / maxᵢ |bᵢ|, b being the CPU backend's; Infinity (null in
   * JSON) where anything isn't finite.
   */
  error: number;
}

/** What a self-test found. */
export interface SelfTestResult {
  /** The backend that was tested. */
  backend: string;
  /** Whether every error is at most `tolerance`. */
  passed: boolean;
  /** The largest error that rounding may explain. */
  tolerance: number;
  /** Logits, losses and gradients, each with its error. */
  quantities: SelfTestQuantity[];
}

/**
 * Largest error that rounding may explain. Sums of a few hundred float32 terms
 * in another order differ by about 1e-6, and a GPU's exp and log may be off by
 * some 1e-5; a wrong kernel is off by 0.01 and more.
 */
const TOLERANCE = 1e-4;
const SEED = 20;
const BATCH = 3;
/** Masks are equal on all backends, and so gradients may have dropout in them. */
const DROPOUT = { seed: SEED, step: 0 };
/** A model to test with. */
interface Subject {
  /** What the names of its quantities begin with. */
  prefix: string;
  spec: ModelSpec;
  /** What its weights are held to; free unless given. */
  constraints?: Constraint[];
}

/** The teacher on small images: its widths decide which kernels are chosen. */
const TEACHER: Subject = {
  prefix: "",
  spec: teacherSpec({ input: [9, 8, 1], classes: 10 }),
};

/** All that only compact models have, in few layers, with step sizes for kernels. */
const COMPACT_SPEC = parseLayers(
  "pool2,conv3x6:same,max2,depth3:same,max2,conv1x8,res(conv3x8:same:linear),conv3x8/2:same:leaky,mean",
  { input: [16, 17, 1], classes: 10 },
);
const COMPACT: Subject = {
  prefix: "compact ",
  spec: COMPACT_SPEC,
  constraints: weightShapes(COMPACT_SPEC).map(({ length }) =>
    length === 1
      ? { kind: "half" }
      : { kind: "uniform", bits: 3, perChannel: true, powerOfTwo: false }
  ),
};

/** What one pass over a row of layers has, on images of a few pixels: every kind of stage. */
const ROW: Subject = {
  prefix: "row's ",
  spec: parseLayers(
    "conv3x5:same:leaky,max2,res(depth3:same:linear),conv1x3,max2,mean",
    { input: [8, 7, 1], classes: 10 },
  ),
};

function fill(size: number, random: Xoshiro128): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
}

/** A weight to test with; biases aren't zeros, or leaving them out would pass. */
function drawWeight(shape: number[], index: number): FloatArray {
  const random = randomStream(SEED, "self-test weights", index);
  return shape.length === 1
    ? { shape, values: fill(shape[0], random) }
    : glorotUniform(shape, random);
}

/** What is trained of `spec`, by name. */
function variableNames({ spec, constraints }: Subject): string[] {
  const weights = modelCost(spec).layers.flatMap(({ layer, weights }) =>
    weights.length > 0 ? [`${layer.name} kernel`, `${layer.name} bias`] : []
  );
  return weights.flatMap((name, index) =>
    constraints?.[index].kind === "uniform" ? [name, `${name}'s steps`] : [name]
  );
}

/** Every quantity of one model, computed on the current backend. */
function computeQuantities(subject: Subject): Record<string, tf.Tensor> {
  const { prefix, spec, constraints } = subject;
  const shapes = weightShapes(spec);
  const drawn = shapes.map(drawWeight);
  const variables = (constraints ? startVariables(drawn, constraints) : drawn)
    .map(toTensor);
  const feed = (current: tf.Tensor[], dropout?: DropoutSource) => {
    const weights = constraints
      ? applyConstraints(constraints, shapes, current)
      : current;
    return forward(spec.layers, weights, x, dropout); // [3, 10]
  };
  const random = randomStream(SEED, "self-test inputs");
  const shape = [BATCH, ...spec.input];
  const x = tf.tensor(fill(tf.util.sizeFromShape(shape), random), shape);
  const targets = {
    labels: tf.tensor1d([7, 0, 3], "int32"),
    teacherLogits: tf.tensor(fill(BATCH * 10, random), [BATCH, 10]),
  };
  const logits = feed(variables);
  const quantities: Record<string, tf.Tensor> = { [`${prefix}logits`]: logits };
  const perExample = (loss: LossSpec, z: tf.Tensor) =>
    exampleLosses(loss, z, targets);
  for (const kind of Object.keys(LOSSES)) {
    const loss = makeLoss(kind, {});
    quantities[`${prefix}${kind}`] = perExample(loss, logits); // [3]
    const slope = tf.grad((z: tf.Tensor) => tf.sum(perExample(loss, z)));
    quantities[`gradient of ${kind} by ${prefix}logits`] = slope(logits);
  }
  // From the logits on, gradients of all losses take the same kernels.
  const gradients = tf.grads((...current: tf.Tensor[]) =>
    tf.sum(perExample({ kind: "cross-entropy" }, feed(current, DROPOUT)))
  )(variables);
  variableNames(subject).forEach((name, index) =>
    quantities[`gradient of cross-entropy by ${prefix}${name}`] =
      gradients[index]
  );
  return quantities;
}

/** What one pass over {@linkcode ROW} and back finds. */
function computeRow(): Record<string, tf.Tensor> {
  const { prefix, spec } = ROW;
  const drawn = weightShapes(spec).map(drawWeight);
  const random = randomStream(SEED, "self-test pixels");
  const pixels = new Uint8Array(BATCH * tf.util.sizeFromShape([...spec.input]))
    .map(() => random.below(256));
  const { gradient, sums } = rowGradient(
    rowStages(spec) ?? [],
    tf.concat(drawn.map((each) => toTensor(each).flatten())),
    {
      words: packWords(pixels),
      labels: tf.tensor1d([7, 0, 3], "int32"),
      teacherLogits: tf.zeros([BATCH, 10]),
      terms: packTerms([lossTerms({ kind: "cross-entropy" })]),
    },
  );
  const sizes = drawn.map(({ values }) => values.length);
  const quantities: Record<string, tf.Tensor> = {
    [`${prefix}loss and hits`]: sums,
  };
  variableNames(ROW).forEach((name, index) =>
    quantities[`gradient by ${prefix}${name}`] =
      tf.split(gradient, sizes)[index]
  );
  return quantities;
}

/** The same as numbers; of rows where they go in one pass. */
async function readQuantities(
  withRow: boolean,
): Promise<Map<string, ArrayLike<number>>> {
  const tensors = tf.tidy(() => ({
    ...computeQuantities(TEACHER),
    ...computeQuantities(COMPACT),
    ...withRow && computeRow(),
  }));
  try {
    const entries = Object.entries(tensors).map(
      async ([name, tensor]): Promise<[string, ArrayLike<number>]> => [
        name,
        await tensor.data(),
      ],
    );
    return new Map(await Promise.all(entries));
  } finally {
    tf.dispose(tensors);
  }
}

/** maxᵢ |aᵢ − bᵢ| / maxᵢ |bᵢ|; Infinity unless both are finite throughout. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, scale] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) return Infinity;
    difference = Math.max(difference, Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return difference === 0 ? 0 : difference / scale;
}

/**
 * Compares the current backend with tfjs's CPU backend: logits, the
 * loss of every kind with its gradient by the logits, and the gradients of
 * cross-entropy by every weight, with dropout, for the teacher's layers on three small images decided by a fixed seed,
 * and for a compact model of all other layers, with kernels of 3 bits; and where rows
 * of layers go in one pass, that of one with every kind of stage.
 *
 * Takes about a second on two cores. The current backend stays current,
 * and no tensor is left.
 *
 * Throws an `Error` if no backend is in use, the backend lacks a kernel, or its
 * device fails.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { selfTest } from "./self_test.ts";
 *
 * await selectBackend("wasm");
 * const { passed, quantities } = await selfTest();
 * assert(passed && quantities.length === 15 + 25 + 9);
 * ```
 */
export async function selfTest(): Promise<SelfTestResult> {
  const backend = tf.getBackend();
  if (!backend) {
    throw new Error(
      "Cannot test the backend: one must be in use: call selectBackend first",
    );
  }
  try {
    const withRow = hasKernel(rowGradientKernel);
    const given = await readQuantities(withRow);
    assertDeviceHealthy();
    await useCpu();
    const wanted = await readQuantities(withRow);
    const quantities = [...wanted].map(([name, reference]) => ({
      name,
      error: relativeError(given.get(name) ?? [], reference),
    }));
    const passed = quantities.every(({ error }) => error <= TOLERANCE);
    return { backend, passed, tolerance: TOLERANCE, quantities };
  } finally {
    await tf.setBackend(backend);
  }
}

/**
 * Throws an `Error` that names the quantity furthest off, and what to do, unless
 * the current backend passes `selfTest`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { assertSelfTest } from "./self_test.ts";
 *
 * await selectBackend("wasm");
 * assertEquals(await assertSelfTest(), undefined);
 * ```
 */
export async function assertSelfTest(): Promise<void> {
  const { backend, passed, tolerance, quantities } = await selfTest();
  if (passed) return;
  const worst = quantities.reduce((a, b) => b.error > a.error ? b : a);
  const other = backend === "wasm" ? "cpu" : "wasm";
  throw new Error(
    `Cannot trust the ${backend} backend: its results must lie within ${tolerance} of the CPU's: ${worst.name} is off by ${
      worst.error.toPrecision(2)
    }; run \`deno task doctor\`, update the driver, or pass --backend ${other}`,
  );
}

/** Backends that have passed; a new device is another backend. */
const proven = new WeakSet<object>();

/**
 * {@linkcode assertSelfTest}, once for each backend: what every training and
 * every extraction of features begins with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { selectBackend } from "../device/select_backend.ts";
 * import { ensureSelfTest } from "./self_test.ts";
 *
 * await selectBackend("wasm");
 * assertEquals(await ensureSelfTest(), undefined);
 * ```
 */
export async function ensureSelfTest(): Promise<void> {
  const backend = tf.backend();
  if (proven.has(backend)) return;
  await assertSelfTest();
  proven.add(backend);
}

/** Whether the current backend is the one called `name`, and has passed in this thread. */
export function hasPassed(name: string): boolean {
  return tf.getBackend() === name && proven.has(tf.backend());
}

/** Takes the current backend for one that has passed: it has, in another thread. */
export function trustBackend(): void {
  proven.add(tf.backend());
}
