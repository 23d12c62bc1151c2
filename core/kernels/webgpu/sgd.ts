import { sgdNumbers } from "../optimiser_numbers.ts";
import { optimiserStep } from "./optimiser_step.ts";

/** Kernel `RetortSgd`: see `updateSgd` of core/kernels/ops for its formula. */
export const sgd = optimiserStep({
  name: "sgd",
  slots: ["velocity"],
  numbers: sgdNumbers,
  step: `
  velocityAt = velocityAt * uniforms.momentum + g;
  w -= velocityAt * uniforms.learningRate;`,
});
