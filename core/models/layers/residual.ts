import {
  checkActivation,
  countOf,
  formatActivation,
  type LayerForms,
  type LayerRule,
} from "./layer.ts";

/**
 * y = activation(x + layers(x)), which must have one shape. What its layers need and
 * cost is theirs: here is the sum alone.
 *
 * Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016.
 */
export const RESIDUAL: LayerRule<"residual"> = {
  check({ layers, activation }, refuse) {
    if (layers.every(({ kind }) => kind === "dropout")) {
      refuse(
        "a residual layer must hold one or more layers, not dropout alone",
        layers.map(({ kind }) => kind).join(", ") || "none",
      );
    }
    checkActivation(activation, refuse);
  },
};

export const RESIDUAL_FORMS: LayerForms<"residual"> = {
  text: {
    form: "res(…)",
    pattern: /^res\((.*)\)((?::(?!same$)[a-z]+)?)$/,
    stem: "res",
    parse: ([text], { activation }, parseRow) => ({
      layers: parseRow(text),
      activation,
    }),
    format: ({ layers, activation }, formatRow) =>
      `res(${formatRow(layers)})${formatActivation(activation)}`,
  },
  keras: null,
  summarise: ({ layers, activation }) =>
    `residual of ${layers.length} ${activation}`,
  describe: ({ layers }) =>
    `sum with what ${countOf(layers.length, "layer")} read`,
};
