import { adamNumbers } from "../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortAdam`: see `updateAdam` of core/kernels/ops for its formula. */
export const adam = optimiserStep({
  name: "adam",
  slots: ["mean", "square"],
  numbers: adamNumbers,
  step: `
  meanAt = meanAt * uniforms.beta1 + g * uniforms.rest1;
  squareAt = squareAt * uniforms.beta2 + g * g * uniforms.rest2;
  w -= meanAt / (sqrt(squareAt * uniforms.correction) + uniforms.epsilon) * uniforms.rate;`,
});
