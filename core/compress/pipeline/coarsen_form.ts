import type { WeightForm } from "./plan_stages.ts";

/** Half as many entries, at least 3: 0, one above and one below. */
function halve(entries: number): number {
  return Math.min(entries, Math.max(3, Math.ceil(entries / 2)));
}

/** One bit less, at least 2: one bit has no 0, which pruned weights need. */
function lower(bits: number): number {
  return Math.min(bits, Math.max(2, bits - 1));
}

/** What `reduce` makes of a number, or of each of a list; undefined where that is the same. */
function reduceAll(
  value: number | number[],
  reduce: (value: number) => number,
): number | number[] | undefined {
  if (typeof value === "number") {
    const reduced = reduce(value);
    return reduced === value ? undefined : reduced;
  }
  const reduced = value.map(reduce);
  return reduced.every((each, i) => each === value[i]) ? undefined : reduced;
}

/**
 * The form with half as many entries in codebooks, or one bit less; undefined where
 * none is left, or the bits follow from a budget, which is a goal of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { coarsenForm } from "./coarsen_form.ts";
 *
 * const form = coarsenForm({ kind: "share", entries: [16, 4, 2] });
 * assertEquals(form, { kind: "share", entries: [8, 3, 2] });
 * assertEquals(coarsenForm({ kind: "share", entries: 3 }), undefined);
 * ```
 */
export function coarsenForm(form: WeightForm): WeightForm | undefined {
  if (form.kind === "share") {
    const entries = reduceAll(form.entries, halve);
    return entries === undefined ? undefined : { ...form, entries };
  }
  if (typeof form.bits === "object" && "budget" in form.bits) return undefined;
  const bits = reduceAll(form.bits, lower);
  return bits === undefined ? undefined : { ...form, bits };
}
