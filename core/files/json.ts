import { cleanText } from "../text/clean_text.ts";

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

/**
 * `value`, which a file gave, as an error quotes it: its JSON, cleaned and cut to
 * 60 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quoteJson } from "./json.ts";
 *
 * assertEquals(quoteJson([1, "two"]), '[1,"two"]');
 * assertEquals(quoteJson(undefined), "nothing");
 * ```
 */
export function quoteJson(value: unknown): string {
  return cleanText(JSON.stringify(value) ?? "nothing", { length: 60 });
}
