import { assertEquals } from "@std/assert";
import { coarsenForm } from "../../../../core/compress/pipeline/search_setting.ts";
import type { WeightForm } from "../../../../core/compress/pipeline/plan_stages.ts";

/** The form and all that are coarser, down to the last. */
function ladder(form: WeightForm): unknown[] {
  const value = form.kind === "share" ? form.entries : form.bits;
  const next = coarsenForm(form);
  return [value, ...(next ? ladder(next) : [])];
}

const LEVELS = {
  ...{ kind: "quantise", perChannel: true, powerOfTwo: true } as const,
};

Deno.test("entries of codebooks are halved down to 3, bits go down by one to 2", () => {
  assertEquals(ladder({ kind: "share", entries: 16 }), [16, 8, 4, 3]);
  assertEquals(ladder({ ...LEVELS, bits: 4 }), [4, 3, 2]);
  assertEquals(ladder({ kind: "share", entries: [5, 3] }), [[5, 3], [3, 3]]);
});

Deno.test("a form that is coarser still gets no finer", () => {
  assertEquals(ladder({ kind: "share", entries: 2 }), [2]);
  assertEquals(ladder({ ...LEVELS, bits: [1, 3] }), [[1, 3], [1, 2]]);
});

Deno.test("bits under a budget stay: the budget is the goal", () => {
  assertEquals(coarsenForm({ ...LEVELS, bits: { budget: 100 } }), undefined);
});
