import { isRecord } from "../../../files/json.ts";

/** The order in which Keras 3 numbers a layer's weights that normalises; others as they are named. */
const NORMALISING = ["gamma", "beta", "moving_mean", "moving_variance"];

/** How Keras calls what it saves: `BatchNormalization` is `batch_normalization`, `ReLU` `re_lu`. */
export function toSnakeCase(className: string): string {
  return className.replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/**
 * Where a `.keras` file keeps the weights of each layer, by the layer's name: by its
 * class, and the how manyth of that class it is in its model, `layers/conv2d_1/vars`.
 */
export function placeLayers(
  config: unknown,
  before = "",
): Map<string, string> {
  const places = new Map<string, string>();
  const layers = isRecord(config) ? config.layers : undefined;
  if (!Array.isArray(layers)) return places;
  const counts = new Map<string, number>();
  for (const layer of layers) {
    if (!isRecord(layer) || !isRecord(layer.config)) continue;
    const kind = toSnakeCase(String(layer.class_name));
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const path = `${before}${count === 0 ? kind : `${kind}_${count}`}`;
    places.set(String(layer.config.name), `${path}/vars`);
    for (const [name, place] of placeLayers(layer.config, `${path}/layers/`)) {
      places.set(name, place);
    }
  }
  return places;
}

/** `variables`, a list of names each, in the order in which Keras 3 numbers them. */
export function orderVariables(
  variables: readonly (readonly string[])[],
): (readonly string[])[] {
  const rank = ([name]: readonly string[]) => NORMALISING.indexOf(name);
  return variables.toSorted((a, b) => rank(a) - rank(b));
}
