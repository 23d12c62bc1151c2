import type { LossRule } from "./loss.ts";

/**
 * Cross-entropy with the labels, in nats: −log softmax(z)_label, z being the
 * logits. It learns from no teacher: what distillation is measured against.
 */
export const CROSS_ENTROPY: LossRule<"cross-entropy"> = {
  option: "labels",
  prefix: "labels",
  distils: false,
  parameters: {},
  describe: () => "labels only",
  terms: () => ({ a: 1 }),
};
