/**
 * Throws a `RangeError` unless each of `rates`, shares of an old average that
 * a step keeps, lies in [0, 1), and ε, where there is one, is > 0 and finite.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkCoefficients } from "./check_coefficients.ts";
 *
 * assertThrows(() => checkCoefficients({ momentum: 1 }), RangeError, "momentum");
 * ```
 */
export function checkCoefficients(
  rates: Record<string, number>,
  epsilon?: number,
): void {
  for (const [name, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate < 1)) {
      throw new RangeError(
        `Cannot make an optimiser: \`${name}\` must be ≥ 0 and < 1: current value is ${rate}`,
      );
    }
  }
  if (epsilon === undefined) return;
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    throw new RangeError(
      `Cannot make an optimiser: \`epsilon\` must be > 0: current value is ${epsilon}`,
    );
  }
}
