import { cleanText } from "../../../core/text/clean_text.ts";

/** How browsers begin when a file or a part of the page could not be had. */
const NOT_LOADED =
  /^(Failed to fetch|NetworkError|Load failed|error loading dynamically|Importing a module)/;

/** More is no message, but what a file put into one. */
const MOST_CHARACTERS = 280;

/**
 * What `error` says, for the user, cut and cleaned: a file may speak in it. A page may outlive its build: parts of it that
 * were not loaded by then can't be had, as if there were no network.
 *
 * @example
 * ```ts
 * import { assertEquals, assertMatch } from "@std/assert";
 * import { explainError } from "./explain_error.ts";
 *
 * assertEquals(explainError(new RangeError("too\u202e large")), "too\\u{202e} large");
 * assertMatch(explainError(new TypeError("Failed to fetch")), /Are you offline\?/);
 * ```
 */
export function explainError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return NOT_LOADED.test(message)
    ? "This could not be loaded. Are you offline? If not, load the page again: there may be a new version of it"
    : cleanText(message, { length: MOST_CHARACTERS });
}
