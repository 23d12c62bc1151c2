import { quoteJson } from "../../files/json.ts";
import type { Activation, LayerFields, LayerKind, LayerSpec } from "./layer.ts";

/** A saved layer's configuration, as Keras has it. */
export type KerasConfig = Record<string, unknown>;

/** Keras' layer of one of our kinds. */
export interface KerasForm<K extends LayerKind> {
  /** What Keras calls it. */
  className: string;
  /** What it called it before. */
  aliases?: readonly string[];
  /** Keys that are read, or may say one thing only (see `FIXED` in parse_saved_layer.ts). */
  keys: readonly string[];
  /** What a saved layer says; what it doesn't say has Keras' default. */
  parse(config: KerasConfig, place: Place): LayerFields[K];
  /** What files call its kernel, the first as tfjs does; `kernel` unless given. */
  kernels?: readonly string[];
  /** What `tf.layers` is told of `layer`, but for its name. */
  configure(layer: LayerSpec<K>): KerasConfig;
}

/** A layer of a saved model, for errors. */
export interface Place {
  /** Its name. */
  name: string;
  /** The model's file. */
  source: string;
}

/** What helps where a layer is of another kind than ours. */
export const REBUILD = "build the model otherwise, train it and save it again";

/** Throws a `SyntaxError`: which layer can't be loaded, why, and what to do. */
export function refuseValue(
  value: unknown,
  rule: string,
  { name, source }: Place,
): never {
  throw new SyntaxError(
    `Cannot load ${source}: layer ${name}: ${rule}: found ${
      quoteJson(value)
    }; ${REBUILD}`,
  );
}

/** Extent of a window that is as wide as it is high. */
export function parseSquare(
  value: unknown,
  what: string,
  place: Place,
): number {
  const values = Array.isArray(value) ? value : [value, value];
  const [first, second] = values;
  if (typeof first === "number" && first === second && values.length === 2) {
    return first;
  }
  return refuseValue(value, `${what} must be square`, place);
}

/** A number that a layer must say. */
export function parseNumber(
  value: unknown,
  what: string,
  place: Place,
): number {
  if (typeof value === "number") return value;
  return refuseValue(value, `${what} must be a number`, place);
}

/** What follows a layer's sums: nothing unless it says so. */
export function parseActivation(value: unknown, place: Place): Activation {
  const activation = value ?? "linear";
  if (activation === "relu" || activation === "linear") return activation;
  return refuseValue(
    value,
    activation === "softmax"
      ? "a softmax must be a layer of its own, behind a linear one"
      : "an activation must be relu or linear",
    place,
  );
}
