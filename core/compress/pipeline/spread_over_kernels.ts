/**
 * `value` for each of so many `kernels`. Throws a `RangeError`, which calls it `name`,
 * unless it is one number or a list of as many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spreadOverKernels } from "./spread_over_kernels.ts";
 *
 * assertEquals(spreadOverKernels("bits", 4, 3), [4, 4, 4]);
 * ```
 */
export function spreadOverKernels(
  name: string,
  value: number | readonly number[],
  kernels: number,
): readonly number[] {
  if (typeof value === "number") return new Array<number>(kernels).fill(value);
  if (value.length === kernels) return value;
  throw new RangeError(
    `Cannot compress: \`${name}\` must be one number, or one for each of ${kernels} kernels: current value is [${
      value.join(", ")
    }]`,
  );
}
