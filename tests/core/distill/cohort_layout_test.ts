import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { layOutCohort, ownersOf } from "../../../core/distill/cohort_layout.ts";
import {
  cutMember,
  initialCohort,
} from "../../../core/distill/cohort_weights.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { fc } from "../../seeded_check.ts";

function members(widths: number[], seed = 1): StudentConfig[] {
  const loss = { kind: "logit-mse" } as const;
  return widths.map((hidden) => ({ hidden, dropout: 0.2, loss, seed }));
}

Deno.test("layOutCohort lays units and outputs side by side, in order", () => {
  const layout = layOutCohort(members([2, 1]), { width: 5, classes: 3 });
  assertEquals(layout.starts, Int32Array.of(0, 2, 3));
  const [w1, b1, w2, b2] = ownersOf(layout);
  for (const units of [w1, b1, w2]) assertEquals(units, Int32Array.of(0, 0, 1));
  assertEquals(b2, Int32Array.of(0, 0, 0, 1, 1, 1));
});

Deno.test("layOutCohort takes members of any loss, and of one seed and dropout alone", () => {
  const [a, b] = members([1, 2]);
  const lay = (...all: StudentConfig[]) =>
    layOutCohort(all, { width: 5, classes: 3 });
  const { starts } = lay(a, { ...b, loss: { kind: "cross-entropy" } });
  assertEquals(starts, Int32Array.of(0, 1, 3));
  for (const other of [{ ...b, seed: 2 }, { ...b, dropout: 0.5 }]) {
    assertThrows(
      () => lay(a, other),
      RangeError,
      `found seeds 1 and ${other.seed}, dropouts 0.2 and ${other.dropout}`,
    );
  }
  assertThrows(() => lay(), RangeError, "it has no members");
});

Deno.test("initialCohort begins each member as it would begin alone", () => {
  const size = { width: 7, classes: 4 };
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 3 }),
    (widths, seed) => {
      const all = members(widths, seed);
      const together = layOutCohort(all, size);
      const shared = initialCohort(together);
      all.forEach((student, member) => {
        const alone = layOutCohort([student], size);
        assertEquals(
          cutMember(together, shared, member),
          cutMember(alone, initialCohort(alone), 0),
        );
      });
    },
  ));
});

Deno.test("cutMember cuts a member's own columns, the output kernel turned", () => {
  const layout = layOutCohort(members([1, 2]), { width: 2, classes: 2 });
  const shared = [[2, 3], [3], [2, 3], [4]].map((shape) => ({
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => i,
    ),
  }));
  assertEquals(cutMember(layout, shared, 1), [
    { shape: [2, 2], values: Float32Array.of(1, 2, 4, 5) },
    { shape: [2], values: Float32Array.of(1, 2) },
    { shape: [2, 2], values: Float32Array.of(1, 4, 2, 5) },
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
