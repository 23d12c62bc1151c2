import { assert, assertEquals } from "@std/assert";
import { measureMemory } from "../../../core/distill/cohort_memory.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import {
  type CohortPlanOptions,
  loadWorkers,
  planCohorts,
  unitsOf,
} from "../../../core/sweep/plan_cohorts.ts";
import { fc } from "../../seeded_check.ts";

const students = fc.array(
  fc.record({
    hidden: fc.integer({ min: 1, max: 3000 }),
    dropout: fc.constantFrom(0, 0.2, 0.5),
    loss: fc.constantFrom<StudentConfig["loss"]>(
      { kind: "logit-mse" },
      { kind: "cross-entropy" },
      { kind: "distillation", temperature: 2, alpha: 0.5 },
    ),
    seed: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 40 },
);

const GIB = 2 ** 30;
const OPTIONS: CohortPlanOptions = {
  width: 9216,
  classes: 10,
  training: { batchSize: 128, optimiser: { kind: "adam" } },
  limits: { bytes: GIB, largest: GIB },
  workers: 1,
};

const options = fc.record({
  bytes: fc.integer({ min: 2 ** 24, max: GIB }),
  largest: fc.integer({ min: 2 ** 22, max: GIB }),
  batchSize: fc.integer({ min: 1, max: 512 }),
  width: fc.integer({ min: 1, max: 20_000 }),
  kind: fc.constantFrom("adam" as const, "adadelta" as const, "sgd" as const),
  workers: fc.integer({ min: 1, max: 5 }),
}).map((
  { bytes, largest, batchSize, width, kind, workers },
): CohortPlanOptions => ({
  width,
  classes: 10,
  training: { batchSize, optimiser: { kind } },
  limits: { bytes, largest },
  workers,
}));

Deno.test("planCohorts puts every student into exactly one cohort, and none is empty", () => {
  fc.assert(fc.property(students, options, (all, options) => {
    const cohorts = planCohorts(all, options);
    assertEquals(new Set(cohorts.flat()), new Set(all));
    assertEquals(cohorts.flat().length, all.length);
    assert(cohorts.every((cohort) => cohort.length > 0));
  }));
});

Deno.test("planCohorts gives no cohort more than the limits, single giants apart", () => {
  fc.assert(fc.property(students, options, (all, options) => {
    const { limits } = options;
    for (const cohort of planCohorts(all, options)) {
      const { bytes, largest } = measureMemory(cohort, options);
      assert(
        cohort.length === 1 ||
          bytes <= limits.bytes && largest <= limits.largest,
        `${cohort.length} students take ${bytes}, ${largest}`,
      );
    }
  }));
});

Deno.test("planCohorts keeps those together that share seed and dropout, whatever their loss", () => {
  fc.assert(fc.property(students, options, (all, options) => {
    for (const cohort of planCohorts(all, options)) {
      const shared = cohort.map(({ seed, dropout }) => ({ seed, dropout }));
      shared.forEach((each) => assertEquals(each, shared[0]));
    }
  }));
});

Deno.test("planCohorts gives the largest cohort first, each in the students' order", () => {
  fc.assert(fc.property(students, options, (all, options) => {
    const cohorts = planCohorts(all, options);
    const units = cohorts.map(unitsOf);
    assertEquals(units, units.toSorted((a, b) => b - a));
    for (const cohort of cohorts) {
      const places = cohort.map((student) => all.indexOf(student));
      assertEquals(places, places.toSorted((a, b) => a - b));
    }
  }));
});

const GRID = [1, 2, 3, 4, 6, 8, 16, 32, 64].flatMap((hidden) =>
  [1, 2, 3].flatMap((seed) =>
    (["logit-mse", "cross-entropy"] as const).map((kind): StudentConfig => ({
      hidden,
      dropout: 0.2,
      loss: { kind },
      seed,
    }))
  )
);

Deno.test("planCohorts trains the default grid's widths and losses in one pass a seed", () => {
  const sizes = planCohorts(GRID, OPTIONS).map(({ length }) => length);
  assertEquals(sizes, [18, 18, 18]);
  assertEquals(planCohorts([], OPTIONS), []);
});

Deno.test("planCohorts cuts a cohort in two where a worker would else be idle", () => {
  for (const workers of [2, 3, 6]) {
    const cohorts = planCohorts(GRID, { ...OPTIONS, workers });
    const loads = loadWorkers(cohorts, workers);
    assert(Math.min(...loads) > 0.7 * Math.max(...loads), `${loads}`);
  }
  assertEquals(planCohorts(GRID, { ...OPTIONS, workers: 2 }).length, 4);
});

Deno.test("planCohorts cuts no further than pays: a cohort each, whatever the workers", () => {
  const narrow = GRID.filter(({ hidden }) => hidden < 4);
  assertEquals(planCohorts(narrow, { ...OPTIONS, workers: 3 }).length, 3);
});
