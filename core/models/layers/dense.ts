import {
  checkActivation,
  checkCount,
  configureActivation,
  countOf,
  formatActivation,
  type LayerForms,
  type LayerRule,
} from "./layer.ts";
import { parseActivation, parseNumber } from "./parse_keras.ts";

/** Of u units on d numbers: (d + 1)·u parameters, d·u multiply-adds. */
export const DENSE: LayerRule<"dense"> = {
  reads: "row",
  check({ units, activation }, refuse) {
    checkCount("units", units, refuse);
    checkActivation(activation, refuse);
  },
  output: ({ units }) => [units],
  kernel: ({ units }, [inputs]) => [inputs, units],
};

export const DENSE_FORMS: LayerForms<"dense"> = {
  text: {
    form: "denseN",
    pattern: /^dense(\d+)((?::(?!same$)[a-z]+)?)$/,
    stem: "dense",
    parse: ([units], { activation }) => ({ units: Number(units), activation }),
    format: ({ units, activation }) =>
      `dense${units}${formatActivation(activation)}`,
  },
  keras: {
    className: "Dense",
    keys: ["units", "activation", "use_bias"],
    parse: (config, place) => ({
      units: parseNumber(config.units, "units", place),
      activation: parseActivation(config.activation, place),
    }),
    configure: ({ units, activation }) => ({
      units,
      activation: configureActivation(activation),
    }),
  },
  summarise: ({ activation }) => `dense ${activation}`,
  describe: ({ units }) => `dense, ${countOf(units, "unit")}`,
};
