import { closestString } from "@std/text/closest-string";

// deno-std's npm package carries no types.
const closest: (word: string, words: readonly string[]) => string =
  closestString;

/** The one of `words` that `word` is most likely a slip of: least Levenshtein distance. */
export function nearestOf(word: string, words: readonly string[]): string {
  return closest(word, words);
}
