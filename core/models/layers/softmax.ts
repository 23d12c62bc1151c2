import type { LayerForms, LayerRule } from "./layer.ts";

/** p_i = exp(z_i) / Σ exp(z_j). */
export const SOFTMAX: LayerRule<"softmax"> = {};

/** In words, a softmax ends every model. */
export const SOFTMAX_FORMS: LayerForms<"softmax"> = {
  text: null,
  keras: {
    className: "Softmax",
    keys: ["axis"],
    parse: () => ({}),
    configure: () => ({}),
  },
  summarise: () => "softmax",
  describe: () => "softmax",
};
