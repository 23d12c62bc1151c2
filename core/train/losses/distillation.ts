import type { LossRule } from "./loss.ts";

/**
 * Distillation, in nats:
 * α·T²·KL(softmax(v/T) ‖ softmax(z/T)) + (1 − α)·−log softmax(z)_label, z being the
 * student's logits and v the teacher's. The factor T² keeps the soft term's
 * gradient at one scale for any temperature T.
 *
 * Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural
 * network", 2015, section 2.
 */
export const DISTILLATION: LossRule<"distillation"> = {
  option: "distillation",
  prefix: "soft",
  distils: true,
  parameters: {
    temperature: {
      symbol: "T",
      above: 0,
      usual: 4,
      help: "T of the loss `distillation`",
    },
    alpha: {
      symbol: "alpha",
      min: 0,
      max: 1,
      usual: 0.9,
      help: "weight of the teacher in the loss `distillation`",
    },
  },
  describe: ({ temperature, alpha }) =>
    `distilled (T = ${temperature}, α = ${alpha})`,
  terms: ({ temperature, alpha }) => ({
    a: 1 - alpha,
    b: alpha,
    T: temperature,
  }),
};
