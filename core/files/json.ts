import { cleanText } from "../text/clean_text.ts";

/** Whether `value` is an object that isn't a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lists and objects within each other: Keras's deepest models come to some 30. */
const MOST_DEPTH = 200;

/** How deep lists and objects of `text` lie within each other, at the most. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[{]|[\]}]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}

/**
 * Parses JSON whose lists and objects lie in each other at most 200 deep: what is
 * deeper parses, but whatever then walks through it may run out of stack. `source`
 * is what errors call it. Throws a `SyntaxError`.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseJson } from "./json.ts";
 *
 * assertEquals(parseJson("[1]", "list.json"), [1]);
 * const deep = "[".repeat(1e6) + "]".repeat(1e6);
 * assertThrows(() => parseJson(deep, "deep.json"), SyntaxError, "at most 200 deep");
 * ```
 */
export function parseJson(text: string, source: string): unknown {
  const depth = depthOf(text);
  if (depth > MOST_DEPTH) {
    throw new SyntaxError(
      `Cannot read ${source}: its lists and objects must lie in each other at most ${MOST_DEPTH} deep: they do ${depth} deep`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot read ${source}: it must be JSON`);
  }
}

/**
 * Parses JSON, as {@linkcode parseJson} does, that must be an object.
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
  const value = parseJson(text, source);
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
