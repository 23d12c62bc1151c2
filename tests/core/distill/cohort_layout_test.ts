import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  cutMember,
  initialCohort,
  layOutCohort,
} from "../../../core/distill/cohort_layout.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { fc } from "../../seeded_check.ts";

function members(widths: number[], seed = 1): StudentConfig[] {
  const loss = { kind: "logit-mse" } as const;
  return widths.map((hidden) => ({ hidden, dropout: 0.2, loss, seed }));
}

Deno.test("layOutCohort lays units and outputs side by side, in order", () => {
  const layout = layOutCohort(members([2, 1]), { width: 5, classes: 3 });
  assertEquals(layout.units, 3);
  assertEquals(layout.hiddenOwners, Int32Array.of(0, 0, 1));
  assertEquals(layout.outputOwners, Int32Array.of(0, 0, 0, 1, 1, 1));
  // deno-fmt-ignore
  assertEquals(layout.block, Float32Array.of(
    1, 1, 1, 0, 0, 0,
    1, 1, 1, 0, 0, 0,
    0, 0, 0, 1, 1, 1,
  ));
});

Deno.test("initialCohort begins each member as it would begin alone", () => {
  const size = { width: 7, classes: 4 };
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    (widths) => {
      const together = layOutCohort(members(widths), size);
      const shared = initialCohort(together);
      widths.forEach((hidden, member) => {
        const alone = layOutCohort(members([hidden]), size);
        assertEquals(cutMember(together, shared, member), initialCohort(alone));
      });
    },
  ));
});

Deno.test("initialCohort leaves what belongs to no member at 0", () => {
  const layout = layOutCohort(members([3, 2]), { width: 4, classes: 3 });
  const [, , outputs] = initialCohort(layout);
  assertEquals(outputs.shape, [5, 6]);
  outputs.values.forEach((value, i) =>
    assertEquals(value !== 0, layout.block[i] === 1)
  );
});

Deno.test("cutMember cuts a member's own columns and block", () => {
  const layout = layOutCohort(members([1, 2]), { width: 2, classes: 2 });
  const shared = [[2, 3], [3], [3, 4], [4]].map((shape) => ({
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => i,
    ),
  }));
  assertEquals(cutMember(layout, shared, 1), [
    { shape: [2, 2], values: Float32Array.of(1, 2, 4, 5) },
    { shape: [2], values: Float32Array.of(1, 2) },
    { shape: [2, 2], values: Float32Array.of(6, 7, 10, 11) },
    { shape: [2], values: Float32Array.of(2, 3) },
  ]);
});

Deno.test("initialCohort draws other weights for another seed, within Glorot's bounds", () => {
  const size = { width: 90, classes: 10 };
  const [kernel, bias] = initialCohort(layOutCohort(members([6]), size));
  const [other] = initialCohort(layOutCohort(members([6], 2), size));
  assertNotEquals(kernel, other);
  const limit = Math.sqrt(6 / (90 + 6));
  const most = Math.max(...kernel.values.map(Math.abs));
  assert(most <= limit && most > 0.95 * limit);
  // Above 0, so that no unit is silent at the start.
  assertEquals(bias.values, new Float32Array(6).fill(1));
});
