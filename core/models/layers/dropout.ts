import type { LayerForms, LayerRule } from "./layer.ts";
import { parseNumber } from "./parse_keras.ts";

/** In training each number is 0 with the rate's probability, others grow by 1 / (1 − rate). */
export const DROPOUT: LayerRule<"dropout"> = {};

export const DROPOUT_FORMS: LayerForms<"dropout"> = {
  text: {
    form: "dropR",
    pattern: /^drop(0(?:\.\d+)?)()$/,
    stem: "drop",
    parse: ([rate]) => ({ rate: Number(rate) }),
    format: ({ rate }) => `drop${rate}`,
  },
  keras: {
    className: "Dropout",
    keys: ["rate"],
    parse: (config, place) => ({
      rate: parseNumber(config.rate, "rate", place),
    }),
    configure: ({ rate }) => ({ rate }),
  },
  summarise: ({ rate }) => `dropout ${rate}`,
  describe: () => "dropout",
};
