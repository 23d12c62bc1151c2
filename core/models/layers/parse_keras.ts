import { quoteJson } from "../../files/json.ts";
import { type Activation, ACTIVATIONS, listActivations } from "./activation.ts";
import type { Place } from "./layer.ts";

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
  const name = value ?? "linear";
  const found = listActivations().find((each) =>
    ACTIVATIONS[each].keras === name
  );
  if (found) return found;
  return refuseValue(
    value,
    name === "softmax"
      ? "a softmax must be a layer of its own, behind a linear one"
      : `an activation must be ${
        listActivations().map((each) =>
          ACTIVATIONS[each].keras ?? `${each} as a layer of its own`
        ).join(" or ")
      }`,
    place,
  );
}
