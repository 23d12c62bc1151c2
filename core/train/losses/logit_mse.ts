import type { LossRule } from "./loss.ts";

/**
 * Logit regression: (1 / classes) Σ_c (z_c − v_c)², z being the student's logits
 * and v the teacher's: before the softmax, so that classes the teacher finds
 * improbable still count.
 *
 * Source: Ba and Caruana, "Do deep nets really need to be deep?", 2014.
 */
export const LOGIT_MSE: LossRule<"logit-mse"> = {
  option: "logit-mse",
  prefix: "hidden",
  distils: true,
  parameters: {},
  describe: () => "distilled (logit regression)",
  terms: () => ({ c: 1 }),
};
