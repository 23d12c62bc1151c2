import {
  countOf,
  formatActivation,
  type LayerForms,
  type LayerRule,
  summariseActivation,
} from "./layer.ts";

/**
 * y = activation(x + layers(x)), which must have one shape. What its layers need and
 * cost is theirs: here is the sum alone.
 *
 * Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016.
 */
export const RESIDUAL: LayerRule<"residual"> = {};

export const RESIDUAL_FORMS: LayerForms<"residual"> = {
  text: {
    form: "res(…)",
    pattern: /^res\((.*)\)((?::(?!same$|pad|dil)[a-z][a-z\d.]*)?)$/,
    stem: "res",
    parse: ([text], { activation }, parseRow) => ({
      layers: parseRow(text),
      ...activation,
    }),
    format: (layer, formatRow) =>
      `res(${formatRow(layer.layers)})${formatActivation(layer)}`,
  },
  keras: null,
  summarise: (layer) =>
    `residual of ${layer.layers.length} ${summariseActivation(layer)}`,
  describe: ({ layers }) =>
    `sum with what ${countOf(layers.length, "layer")} read`,
};
