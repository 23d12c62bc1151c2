import {
  countOf,
  formatActivation,
  type LayerForms,
  type LayerRule,
  summariseActivation,
} from "./layer.ts";

/**
 * y = activation(x · 2^lift + layers(x)), which must have one shape. What its layers need and
 * cost is theirs: here is the sum alone.
 *
 * Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016.
 */
export const RESIDUAL: LayerRule<"residual"> = {};

export const RESIDUAL_FORMS: LayerForms<"residual"> = {
  text: {
    form: "res(…)",
    pattern: /^res\((.*)\)(?:\*(\d+))?((?::(?!same$|pad|dil)[a-z][a-z\d.]*)?)$/,
    stem: "res",
    parse: ([text, factor], { activation }, parseRow) => ({
      layers: parseRow(text),
      ...factor !== undefined && { lift: Math.log2(Number(factor)) },
      ...activation,
    }),
    format: (layer, formatRow) =>
      `res(${formatRow(layer.layers)})${
        layer.lift === undefined ? "" : `*${2 ** layer.lift}`
      }${formatActivation(layer)}`,
  },
  keras: null,
  summarise: (layer) =>
    `residual of ${layer.layers.length} ${summariseActivation(layer)}`,
  describe: ({ layers }) =>
    `sum with what ${countOf(layers.length, "layer")} read`,
};
