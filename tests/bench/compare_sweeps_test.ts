import { assertEquals } from "@std/assert";
import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";
import { compareSweeps, estimateOneByOne } from "../../bench/compare_sweeps.ts";
import { madeUp } from "./made_up.ts";

const SWEEP = {
  milliseconds: 1000,
  peakBytes: 5e8,
  backend: "wasm",
  adapter: null,
  hidden: [1, 16, 64],
  images: 256,
} as const;

function step(hidden: number, median_ms: number) {
  const model = `student-${hidden}`;
  return madeUp({ work: "student-step", system: "tfjs", model, median_ms });
}

Deno.test("one by one takes each student's steps at the time of its width", () => {
  const points = [
    { hidden: 2, milliseconds: 10 },
    { hidden: 4, milliseconds: 30 },
  ];
  assertEquals(estimateOneByOne(points, [1, 2, 3, 4, 5], 7), 7 * 100);
});

Deno.test("the sweep stands beside what stock tfjs would take, marked as estimated", () => {
  const sweep = { ...SWEEP, hidden: [...SWEEP.hidden] };
  const found = compareSweeps(sweep, [step(1, 10), step(16, 20), step(64, 30)]);
  const steps = 2 * STUDENT_TRAINING.epochs; // two batches an epoch
  assertEquals(
    found.map(({ system, runs, students, median_ms, peak_bytes }) => [
      system,
      runs,
      students,
      median_ms,
      peak_bytes,
    ]),
    [["retort", 1, 3, 1000, 5e8], ["tfjs", 0, 3, 60 * steps, 2e8]],
  );
  assertEquals(found.map(({ work }) => work), ["sweep", "sweep"]);
});

Deno.test("nothing is estimated where a width wasn't measured", () => {
  const sweep = { ...SWEEP, hidden: [...SWEEP.hidden] };
  const found = compareSweeps(sweep, [step(1, 10), step(64, 30)]);
  assertEquals(found.map(({ system }) => system), ["retort"]);
});
