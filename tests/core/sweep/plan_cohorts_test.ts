import { assert, assertEquals } from "@std/assert";
import { planCohorts } from "../../../core/sweep/plan_cohorts.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { fc } from "../../seeded_check.ts";

const students = fc.array(
  fc.record({
    hidden: fc.integer({ min: 1, max: 3000 }),
    dropout: fc.constantFrom(0, 0.2, 0.5),
    loss: fc.constantFrom<StudentConfig["loss"]>(
      { kind: "logit-mse" },
      { kind: "cross-entropy" },
      { kind: "distillation", temperature: 2, alpha: 0.5 },
      { kind: "distillation", temperature: 4, alpha: 0.5 },
    ),
    seed: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 40 },
);

function unitsOf(cohort: StudentConfig[]): number {
  return cohort.reduce((sum, { hidden }) => sum + hidden, 0);
}

Deno.test("planCohorts puts every student into exactly one cohort, and none is empty", () => {
  fc.assert(fc.property(students, (all) => {
    const cohorts = planCohorts(all, 9216);
    assertEquals(new Set(cohorts.flat()), new Set(all));
    assertEquals(cohorts.flat().length, all.length);
    assert(cohorts.every((cohort) => cohort.length > 0));
  }));
});

Deno.test("planCohorts keeps those together that share dropout, loss and seed", () => {
  fc.assert(fc.property(students, (all) => {
    for (const cohort of planCohorts(all, 9216)) {
      const shared = cohort.map(({ hidden: _, ...rest }) => rest);
      shared.forEach((rest) => assertEquals(rest, shared[0]));
    }
  }));
});

Deno.test("planCohorts keeps a cohort's twelve copies of weights below 512 MiB, single giants apart", () => {
  fc.assert(fc.property(students, (all) => {
    for (const cohort of planCohorts(all, 9216)) {
      const bytes = unitsOf(cohort) * 9216 * 4 * 12;
      assert(bytes <= 512 * 2 ** 20 || cohort.length === 1);
    }
  }));
});

Deno.test("planCohorts gives the largest cohort first", () => {
  fc.assert(fc.property(students, (all) => {
    const units = planCohorts(all, 9216).map(unitsOf);
    assertEquals(units, units.toSorted((a, b) => b - a));
  }));
});

Deno.test("planCohorts trains the default grid's widths in one pass a seed and loss", () => {
  const grid = [1, 2, 3, 4, 6, 8, 16, 32, 64].flatMap((hidden) =>
    [1, 2, 3].map((seed): StudentConfig => ({
      hidden,
      dropout: 0.2,
      loss: { kind: "logit-mse" },
      seed,
    }))
  );
  assertEquals(planCohorts(grid, 9216).map(({ length }) => length), [9, 9, 9]);
  assertEquals(planCohorts([], 9216), []);
});
