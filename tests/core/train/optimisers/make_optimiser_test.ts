import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import {
  makeOptimiser,
  type OptimiserSpec,
} from "../../../../core/train/optimisers/make_optimiser.ts";
import * as tf from "../../../../core/tf.ts";
import golden from "../../../golden/optimisers.json" with { type: "json" };

await tf.setBackend("cpu");

const OPTIMISERS: { spec: OptimiserSpec; slots: number; descent: number }[] = [
  // `descent` is a learning rate by which 200 steps descend the quadratic.
  { spec: { kind: "adadelta" }, slots: 2, descent: 20 },
  {
    spec: { kind: "adadelta", rho: 0.9, epsilon: 1e-6 },
    slots: 2,
    descent: 10,
  },
  { spec: { kind: "adam" }, slots: 2, descent: 0.1 },
  {
    spec: { kind: "adam", beta1: 0.8, beta2: 0.95, epsilon: 1e-4 },
    slots: 2,
    descent: 0.1,
  },
  { spec: { kind: "sgd" }, slots: 1, descent: 0.02 },
  { spec: { kind: "sgd", momentum: 0 }, slots: 1, descent: 0.1 },
];

/** ∇f(w) = 2a(w − c), of the quadratic f(w) = Σ aᵢ(wᵢ − cᵢ)². */
function quadraticGradient(weight: tf.Tensor): tf.Tensor {
  const { scale, centre } = golden;
  return tf.mul(tf.sub(weight, tf.tensor1d(centre)), tf.tensor1d(scale).mul(2));
}

/** The weights after each of `steps` steps on the quadratic. */
async function descend(
  spec: OptimiserSpec,
  learningRate: number,
  steps: number,
): Promise<number[][]> {
  const optimiser = makeOptimiser(spec);
  let weights: tf.Tensor[] = [tf.tensor1d(golden.start)];
  let state = optimiser.start(weights);
  const path: number[][] = [];
  for (let count = 1; count <= steps; count++) {
    const gradients = [quadraticGradient(weights[0])];
    ({ weights, state } = optimiser.update(
      { weights, gradients, state, learningRate, count },
    ));
    path.push([...await weights[0].data()]);
  }
  return path;
}

for (const { spec, slots, descent } of OPTIMISERS) {
  const { kind, ...options } = spec;
  const name = `${kind} ${JSON.stringify(options)}`;

  Deno.test(`${name} takes PyTorch's steps`, async () => {
    const expected = golden.cases.find((each) =>
      JSON.stringify(each.optimiser) === JSON.stringify(spec)
    );
    assert(expected !== undefined);
    const wanted = expected?.weights ?? [];
    const path = await descend(spec, expected?.learningRate ?? NaN, 10);
    path.forEach((weights, step) =>
      weights.forEach((weight, i) =>
        // Ours are float32, PyTorch's float64.
        assertAlmostEquals(weight, wanted[step][i], 2e-6)
      )
    );
  });

  Deno.test(`${name} descends a quadratic`, async () => {
    const { scale, centre } = golden;
    const value = (weights: number[]) =>
      weights.reduce((sum, w, i) => sum + scale[i] * (w - centre[i]) ** 2, 0);
    const path = await descend(spec, descent, 200);
    assert(value(path[199]) < 1e-2 * value(golden.start));
  });

  Deno.test(`${name} starts ${slots} accumulators a weight, of its shape, at zero`, async () => {
    const weights = [tf.ones([2, 3]), tf.ones([3])];
    const state = makeOptimiser(spec).start(weights);
    assertEquals(
      state.map((each) => each.map(({ shape }) => shape)),
      [new Array(slots).fill([2, 3]), new Array(slots).fill([3])],
    );
    for (const slot of state.flat()) {
      assert((await slot.data()).every((value) => value === 0));
    }
  });

  Deno.test(`${name} leaves what it is given as it was, and makes only its results`, async () => {
    const optimiser = makeOptimiser(spec);
    const weights = [tf.tensor1d([1, 2]), tf.tensor2d([[3]])];
    const gradients = [tf.tensor1d([0.5, -1]), tf.tensor2d([[2]])];
    const state = optimiser.start(weights);
    const given = [...weights, ...gradients, ...state.flat()];
    const read = () =>
      Promise.all(given.map(async (each) => [...await each.data()]));
    const values = await read();
    const before = tf.memory().numTensors;
    const step = tf.tidy(() => {
      const { weights: moved, state: next } = optimiser.update(
        { weights, gradients, state, learningRate: 1, count: 1 },
      );
      return { moved, next };
    });
    assertEquals(tf.memory().numTensors, before + 2 + 2 * slots);
    assert(given.every((each) => !each.isDisposed));
    assertEquals(await read(), values);
    tf.dispose([step.moved, step.next]);
    assertEquals(tf.memory().numTensors, before);
  });

  Deno.test(`${name} moves each weight by its own gradient alone`, async () => {
    const optimiser = makeOptimiser(spec);
    const weights = [tf.tensor1d([1, 1]), tf.tensor1d([1])];
    const { weights: moved } = optimiser.update({
      weights,
      gradients: [tf.tensor1d([1, 0]), tf.tensor1d([-1])],
      state: optimiser.start(weights),
      learningRate: 0.1,
      count: 1,
    });
    const [falls, stays] = await moved[0].data();
    const [rises] = await moved[1].data();
    assert(falls < 1 && rises > 1);
    assertEquals(stays, 1);
  });
}

const REFUSED: [OptimiserSpec, string][] = [
  [{ kind: "adadelta", rho: 1 }, "`rho`"],
  [{ kind: "adadelta", rho: -0.1 }, "`rho`"],
  [{ kind: "adadelta", epsilon: 0 }, "`epsilon`"],
  [{ kind: "adam", beta1: 1 }, "`beta1`"],
  [{ kind: "adam", beta2: NaN }, "`beta2`"],
  [{ kind: "adam", epsilon: -1e-8 }, "`epsilon`"],
  [{ kind: "adam", epsilon: Infinity }, "`epsilon`"],
  [{ kind: "sgd", momentum: 1 }, "`momentum`"],
  [{ kind: "sgd", momentum: -0.5 }, "`momentum`"],
];

for (const [spec, culprit] of REFUSED) {
  const { kind, ...options } = spec;
  const [value] = Object.values(options);
  Deno.test(`makeOptimiser refuses ${kind} with ${culprit} ${value}`, () => {
    const error = assertThrows(() => makeOptimiser(spec), RangeError, culprit);
    assert(error.message.endsWith(`current value is ${value}`));
  });
}
