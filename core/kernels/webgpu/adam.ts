import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortAdam`: see `updateAdam` of core/kernels/ops for its formula. */
export const adam = optimiserStep({
  name: "adam",
  slots: ["mean", "square"],
  numbers: (number) => ({
    beta1: number("beta1"),
    rest1: 1 - number("beta1"),
    beta2: number("beta2"),
    rest2: 1 - number("beta2"),
    epsilon: number("epsilon"),
    rate: number("rate"),
    correction: number("correction"),
  }),
  step: `
  meanAt = meanAt * uniforms.beta1 + g * uniforms.rest1;
  squareAt = squareAt * uniforms.beta2 + g * g * uniforms.rest2;
  w -= meanAt / (sqrt(squareAt * uniforms.correction) + uniforms.epsilon) * uniforms.rate;`,
});
