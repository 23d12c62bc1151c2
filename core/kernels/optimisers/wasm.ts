import * as tf from "../../tf.ts";
import {
  defineModule,
  exportFunction,
  f32,
  type F32x4,
  f32x4,
  i32,
  named,
  range,
  type WasmModule,
} from "../wasm/code.ts";
import { elementLoop } from "../wasm/element_loop.ts";
import {
  heapFunctions,
  heapOffset,
  implementOnWasm,
  makeOutput,
} from "../wasm/heap.ts";
import {
  adadeltaKernel,
  adadeltaNumbers,
  adamKernel,
  adamNumbers,
  sgdKernel,
} from "./op.ts";

/**
 * One step of an optimiser, by its module, in one pass over a weight and its
 * accumulators, all of one shape, into as many new tensors as `outputs` says. Each
 * number is rounded to float32 and each operation is the one that tfjs's own would
 * do, so that the results are those of its operations.
 */
function step(
  wasm: tf.BackendWasm,
  module: WasmModule<"step">,
  { numbers, inputs, outputs }: {
    numbers: number[];
    inputs: tf.TensorInfo[];
    outputs: number;
  },
): tf.TensorInfo[] {
  const [{ shape }] = inputs;
  const made = range(outputs).map(() => makeOutput(wasm, shape, "float32"));
  heapFunctions(wasm, module).step(
    ...numbers,
    ...[...inputs, ...made].map((tensor) => heapOffset(wasm, tensor)),
    tf.util.sizeFromShape(shape),
  );
  return made;
}

const sgdModule = defineModule("sgd", () => [
  exportFunction(
    "step",
    {
      momentum: f32,
      learningRate: f32,
      ...named(
        i32,
        "weight",
        "gradient",
        "velocity",
        "newWeight",
        "newVelocity",
        "count",
      ),
    },
    (
      {
        momentum,
        learningRate,
        weight,
        gradient,
        velocity,
        newWeight,
        newVelocity,
        count,
      },
      scope,
    ) => {
      const { mu, eta, v } = scope.locals({ mu: f32x4, eta: f32x4, v: f32x4 });
      return [
        mu.set(f32x4.splat(momentum)),
        eta.set(f32x4.splat(learningRate)),
        elementLoop({
          pointers: [weight, gradient, velocity, newWeight, newVelocity],
          count,
          body: ({ load, store }) => [
            v.set(load(velocity).mul(mu).add(load(gradient))),
            store(newVelocity, v),
            store(newWeight, load(weight).sub(v.mul(eta))),
          ],
        }),
      ];
    },
  ),
]);

/** Kernel `RetortSgd`: see `updateSgd` of `op.ts` for its formula. */
export const sgd = implementOnWasm(
  sgdKernel,
  (wasm, { weight, gradient, velocity }, { momentum, learningRate }) =>
    step(wasm, sgdModule, {
      numbers: [momentum, learningRate],
      inputs: [weight, gradient, velocity],
      outputs: 2,
    }),
);

const adamModule = defineModule("adam", () => [
  exportFunction(
    "step",
    {
      ...named(
        f32,
        "beta1One",
        "rest1One",
        "beta2One",
        "rest2One",
        "epsilonOne",
        "rateOne",
        "correctionOne",
      ),
      ...named(
        i32,
        "weight",
        "gradient",
        "mean",
        "square",
        "newWeight",
        "newMean",
        "newSquare",
        "count",
      ),
    },
    (given, scope) => {
      const { weight, gradient, mean, square, count } = given;
      const { newWeight, newMean, newSquare } = given;
      const { beta1, rest1, beta2, rest2, epsilon, rate, correction, g, m, v } =
        scope.locals(
          named(
            f32x4,
            "beta1",
            "rest1",
            "beta2",
            "rest2",
            "epsilon",
            "rate",
            "correction",
            "g",
            "m",
            "v",
          ),
        );
      return [
        beta1.set(f32x4.splat(given.beta1One)),
        rest1.set(f32x4.splat(given.rest1One)),
        beta2.set(f32x4.splat(given.beta2One)),
        rest2.set(f32x4.splat(given.rest2One)),
        epsilon.set(f32x4.splat(given.epsilonOne)),
        rate.set(f32x4.splat(given.rateOne)),
        correction.set(f32x4.splat(given.correctionOne)),
        elementLoop({
          pointers: [
            weight,
            gradient,
            mean,
            square,
            newWeight,
            newMean,
            newSquare,
          ],
          count,
          body: ({ load, store }) => {
            const root = v.mul(correction).sqrt();
            const change = m.div(root.add(epsilon)).mul(rate);
            return [
              g.set(load(gradient)),
              m.set(load(mean).mul(beta1).add(g.mul(rest1))),
              v.set(load(square).mul(beta2).add(g.mul(g).mul(rest2))),
              store(newMean, m),
              store(newSquare, v),
              store(newWeight, load(weight).sub(change)),
            ];
          },
        }),
      ];
    },
  ),
]);

/** Kernel `RetortAdam`: see `updateAdam` of `op.ts` for its formula. */
export const adam = implementOnWasm(
  adamKernel,
  (wasm, { weight, gradient, mean, square }, attributes) => {
    const { beta1, rest1, beta2, rest2, epsilon, rate, correction } =
      adamNumbers(attributes);
    return step(wasm, adamModule, {
      numbers: [beta1, rest1, beta2, rest2, epsilon, rate, correction],
      inputs: [weight, gradient, mean, square],
      outputs: 3,
    });
  },
);

const adadeltaModule = defineModule("adadelta", () => [
  exportFunction(
    "step",
    {
      ...named(f32, "rhoOne", "restOne", "epsilonOne", "learningRate"),
      ...named(
        i32,
        "weight",
        "gradient",
        "squares",
        "updates",
        "newWeight",
        "newSquares",
        "newUpdates",
        "count",
      ),
    },
    (given, scope) => {
      const { weight, gradient, squares, updates, count } = given;
      const { newWeight, newSquares, newUpdates } = given;
      const { rho, rest, epsilon, eta, g, s, u, delta } = scope.locals(
        named(f32x4, "rho", "rest", "epsilon", "eta", "g", "s", "u", "delta"),
      );
      /** ρ · `old` + (1 − ρ) · `value`². */
      const average = (old: F32x4, value: F32x4) =>
        old.mul(rho).add(value.mul(value).mul(rest));
      return [
        rho.set(f32x4.splat(given.rhoOne)),
        rest.set(f32x4.splat(given.restOne)),
        epsilon.set(f32x4.splat(given.epsilonOne)),
        eta.set(f32x4.splat(given.learningRate)),
        elementLoop({
          pointers: [
            weight,
            gradient,
            squares,
            updates,
            newWeight,
            newSquares,
            newUpdates,
          ],
          count,
          body: ({ load, store }) => [
            g.set(load(gradient)),
            u.set(load(updates)),
            s.set(average(load(squares), g)),
            delta.set(g.mul(u.add(epsilon).div(s.add(epsilon)).sqrt())),
            store(newSquares, s),
            store(newUpdates, average(u, delta)),
            store(newWeight, load(weight).sub(delta.mul(eta))),
          ],
        }),
      ];
    },
  ),
]);

/** Kernel `RetortAdadelta`: see `updateAdadelta` of `op.ts` for its formula. */
export const adadelta = implementOnWasm(
  adadeltaKernel,
  (wasm, { weight, gradient, squares, updates }, attributes) => {
    const { rho, rest, epsilon, learningRate } = adadeltaNumbers(attributes);
    return step(wasm, adadeltaModule, {
      numbers: [rho, rest, epsilon, learningRate],
      inputs: [weight, gradient, squares, updates],
      outputs: 3,
    });
  },
);
