/** Whether `value` is an object that isn't a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON that must be an object. `source` is what errors call it.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { parseJsonObject } from "./json.ts";
 *
 * assertThrows(() => parseJsonObject("[1]", "list.json"), SyntaxError, "list.json");
 * ```
 */
export function parseJsonObject(
  text: string,
  source: string,
): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot read ${source}: it must be JSON`);
  }
  if (!isRecord(value)) {
    throw new SyntaxError(`Cannot read ${source}: it must be a JSON object`);
  }
  return value;
}
