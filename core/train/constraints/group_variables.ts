import type { Constraint } from "./constraint.ts";

/**
 * The items of `variables` by the constraint that they stand for, in its order: a
 * weight and its step sizes where it is quantised uniformly, else the weight or
 * its codebook. Throws a `RangeError` where there are too many or too few.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { groupVariables } from "./group_variables.ts";
 *
 * const uniform = { kind: "uniform", bits: 4, perChannel: true, powerOfTwo: false } as const;
 * const groups = groupVariables([uniform, { kind: "free" }], ["w", "s", "b"]);
 * assertEquals(groups, [["w", "s"], ["b"]]);
 * ```
 */
export function groupVariables<T>(
  constraints: readonly Constraint[],
  variables: readonly T[],
): T[][] {
  let next = 0;
  const groups = constraints.map(({ kind }) =>
    variables.slice(next, next += kind === "uniform" ? 2 : 1)
  );
  if (next === variables.length) return groups;
  throw new RangeError(
    `Cannot constrain weights: there must be ${next} variables: current value is ${variables.length}`,
  );
}
