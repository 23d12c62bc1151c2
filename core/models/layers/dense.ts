import {
  configureActivation,
  countOf,
  formatActivation,
  type LayerForms,
  type LayerRule,
  summariseActivation,
} from "./layer.ts";
import { parseNumber } from "./parse_keras.ts";

/** Of u units on d numbers: (d + 1)·u parameters, d·u multiply-adds. */
export const DENSE: LayerRule<"dense"> = {
  reads: "row",
  output: ({ units }) => [units],
  kernel: ({ units }, [inputs]) => [inputs, units],
};

export const DENSE_FORMS: LayerForms<"dense"> = {
  text: {
    form: "denseN",
    pattern: /^dense(\d+)((?::(?!same$|pad|dil)[a-z][a-z\d.]*)?)$/,
    stem: "dense",
    parse: ([units], { activation }) => ({
      units: Number(units),
      ...activation,
    }),
    format: (layer) => `dense${layer.units}${formatActivation(layer)}`,
  },
  keras: {
    className: "Dense",
    keys: ["units", "activation", "use_bias"],
    parse: (config, place) => ({
      units: parseNumber(config.units, "units", place),
      activation: "linear",
    }),
    configure: ({ units, activation }) => ({
      units,
      activation: configureActivation(activation),
    }),
  },
  summarise: (layer) => `dense ${summariseActivation(layer)}`,
  describe: ({ units }) => `dense, ${countOf(units, "unit")}`,
};
