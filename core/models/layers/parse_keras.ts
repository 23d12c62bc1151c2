import { quoteJson } from "../../files/json.ts";
import type { Extent, Place } from "./layer.ts";

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

/** Rows and columns that a layer says: one number of what is square. */
export function parseExtent(
  value: unknown,
  what: string,
  place: Place,
): Extent {
  const values = Array.isArray(value) ? value : [value, value];
  const [rows, columns = rows] = values;
  if (
    typeof rows === "number" && typeof columns === "number" &&
    values.length <= 2
  ) return rows === columns ? rows : [rows, columns];
  return refuseValue(value, `${what} must be one number or two`, place);
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
