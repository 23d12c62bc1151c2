import { type LayerForms, type LayerRule, product } from "./layer.ts";

/** A row of all numbers, place by place, channels next to each other. */
export const FLATTEN: LayerRule<"flatten"> = {
  output: (_, input) => [product(input)],
};

/** Its word is needed where no other is: images are flattened where a dense layer reads them. */
export const FLATTEN_FORMS: LayerForms<"flatten"> = {
  text: {
    form: "flatten",
    pattern: /^flatten()$/,
    stem: "flatten",
    parse: () => ({}),
    format: () => "flatten",
  },
  keras: {
    className: "Flatten",
    keys: ["data_format"],
    parse: () => ({}),
    configure: () => ({}),
  },
  summarise: () => "flatten",
  describe: () => "flatten",
};
