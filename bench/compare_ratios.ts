import type { Ratio } from "./ratios.ts";

/**
 * The share of its recorded value that a ratio must keep. Neighbours on a shared
 * machine have moved single ratios by a third; a lost kernel divides one by ten.
 */
export const LEAST_SHARE = 0.5;

/** A ratio beside what it was in a record. */
export interface Comparison {
  name: string;
  value: number;
  recorded: number;
  /** Whether it has fallen below {@linkcode LEAST_SHARE} of the record's. */
  regressed: boolean;
}

/**
 * Each of `current` that `recorded` has too. Times are not compared: they depend on
 * the machine and its neighbours, ratios taken in one run hardly do.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareRatios } from "./compare_ratios.ts";
 *
 * const ratio = (value: number) => [{ name: "a", value }];
 * assertEquals(compareRatios(ratio(6), ratio(10))[0].regressed, false);
 * assertEquals(compareRatios(ratio(4), ratio(10))[0].regressed, true);
 * ```
 */
export function compareRatios(
  current: readonly Pick<Ratio, "name" | "value">[],
  recorded: readonly Pick<Ratio, "name" | "value">[],
): Comparison[] {
  const before = new Map(recorded.map(({ name, value }) => [name, value]));
  return current.flatMap(({ name, value }) => {
    const then = before.get(name);
    if (then === undefined) return [];
    const regressed = value < LEAST_SHARE * then;
    return [{ name, value, recorded: then, regressed }];
  });
}
