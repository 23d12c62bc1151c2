import type { LayerForms, LayerRule } from "./layer.ts";
import { refuseValue } from "./parse_keras.ts";

/** p_i = exp(z_i) / Σ exp(z_j). */
export const SOFTMAX: LayerRule<"softmax"> = {};

/** In words, a softmax ends every model. */
export const SOFTMAX_FORMS: LayerForms<"softmax"> = {
  text: null,
  keras: {
    className: "Softmax",
    keys: ["axis"],
    parse: ({ axis }, place) => {
      // Of a row, counted from the batch; or of an image of one place.
      if (![-1, 1, 3].includes(Number(axis ?? -1))) {
        refuseValue(axis, "it must go by the last axis", place);
      }
      return {};
    },
    configure: () => ({}),
  },
  summarise: () => "softmax",
  describe: () => "softmax",
};
