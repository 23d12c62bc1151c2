import { assert, assertEquals, assertRejects } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { updateAdadelta } from "../../../../core/kernels/optimisers/op.ts";
import { updateAdam } from "../../../../core/kernels/optimisers/op.ts";
import { updateSgd } from "../../../../core/kernels/optimisers/op.ts";
import * as tf from "../../../../core/tf.ts";
import { draw, type Given, runOnWasm } from "../wasm/run_on_wasm.ts";

const ADAM = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  rate: 3e-3,
  correction: 2.7,
};
const ADADELTA = { rho: 0.95, epsilon: 1e-7, learningRate: 0.7 };
const SGD = { momentum: 0.9, learningRate: 0.1 };

/** A kernel, its accumulators, and the same step by tfjs's own operations. */
const RULES = [
  {
    kernel: "RetortAdam",
    numbers: ADAM,
    slots: ["mean", "square"],
    compose: ({ weight, gradient, mean, square }: Record<string, tf.Tensor>) =>
      updateAdam({ weight, gradient, mean, square }, ADAM),
  },
  {
    kernel: "RetortAdadelta",
    numbers: ADADELTA,
    slots: ["squares", "updates"],
    compose: (
      { weight, gradient, squares, updates }: Record<string, tf.Tensor>,
    ) => updateAdadelta({ weight, gradient, squares, updates }, ADADELTA),
  },
  {
    kernel: "RetortSgd",
    numbers: SGD,
    slots: ["velocity"],
    compose: ({ weight, gradient, velocity }: Record<string, tf.Tensor>) =>
      updateSgd({ weight, gradient, velocity }, SGD),
  },
];

/** A weight, its gradient and accumulators ≥ 0, as averages of squares are. */
function drawInputs(shape: number[], slots: string[]): Record<string, Given> {
  const inputs: Record<string, Given> = {
    weight: draw(shape, "weight"),
    gradient: draw(shape, "gradient"),
  };
  for (const slot of slots) {
    const { values } = draw(shape, slot);
    inputs[slot] = { shape, values: Float32Array.from(values, Math.abs) };
  }
  return inputs;
}

for (const { kernel, numbers, slots, compose } of RULES) {
  Deno.test(`${kernel} equals its composition on the CPU backend, to the bit`, async () => {
    for (const shape of [[0], [1], [2], [3], [5], [17], [1023], [3, 1, 7]]) {
      const inputs = drawInputs(shape, slots);
      const given = await runOnWasm(kernel, inputs, numbers);
      await useCpu();
      const outputs = tf.tidy(() => {
        const tensors = Object.entries(inputs).map(([name, { values }]) =>
          [name, tf.tensor(values, shape)] as const
        );
        return compose(Object.fromEntries(tensors));
      });
      assertEquals(given.length, outputs.length);
      for (const [index, output] of outputs.entries()) {
        assertEquals(given[index].shape, shape);
        assertEquals(given[index].values, await output.data());
      }
      tf.dispose(outputs);
    }
  });

  Deno.test(`${kernel} keeps a NaN gradient in everything that it writes`, async () => {
    const inputs = drawInputs([11], slots);
    inputs.gradient.values.fill(NaN);
    for (const { values } of await runOnWasm(kernel, inputs, numbers)) {
      assert(values.every(Number.isNaN));
    }
  });

  Deno.test(`${kernel} refuses a gradient of another shape and missing numbers`, async () => {
    const inputs = drawInputs([4], slots);
    await assertRejects(
      () => runOnWasm(kernel, { ...inputs, gradient: draw([3], "g") }, numbers),
      RangeError,
      "`gradient`",
    );
    await assertRejects(
      () => runOnWasm(kernel, inputs, {}),
      TypeError,
      "a number",
    );
  });
}
