import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import {
  checkSchedule,
  learningRateAt,
  type ScheduleSpec,
} from "../../../core/train/schedule.ts";

Deno.test("learningRateAt is the same at every step of a constant schedule", () => {
  for (const step of [0, 7, 99]) {
    assertAlmostEquals(
      learningRateAt({ kind: "constant", rate: 0.3 }, step, 100),
      0.3,
    );
  }
});

Deno.test("learningRateAt follows half a cosine from the rate to the floor", () => {
  const schedule: ScheduleSpec = { kind: "cosine", rate: 2, floor: 0.1 };
  const at = (step: number) => learningRateAt(schedule, step, 1000);
  assertAlmostEquals(at(0), 2);
  assertAlmostEquals(at(250), 2 * (0.1 + 0.9 * (1 + Math.SQRT1_2) / 2));
  assertAlmostEquals(at(500), 2 * 0.55);
  assertAlmostEquals(at(1000), 0.2);
  for (let step = 1; step <= 1000; step++) assert(at(step) < at(step - 1));
});

Deno.test("learningRateAt climbs in a straight line during the warm-up", () => {
  const schedule: ScheduleSpec = { kind: "cosine", rate: 1, warmup: 4 };
  [0.25, 0.5, 0.75, 1, 1].forEach((rate, step) =>
    assertAlmostEquals(learningRateAt(schedule, step, 100), rate)
  );
  assertAlmostEquals(learningRateAt(schedule, 52, 100), 0.5);
});

Deno.test("learningRateAt stays at the floor after the last step", () => {
  const schedule: ScheduleSpec = { kind: "cosine", rate: 1, floor: 0.2 };
  assertAlmostEquals(learningRateAt(schedule, 150, 100), 0.2);
});

for (const rate of [0, -1, NaN, Infinity]) {
  Deno.test(`checkSchedule refuses a learning rate of ${rate}`, () => {
    assertThrows(
      () => checkSchedule({ kind: "constant", rate }),
      RangeError,
      `${rate}`,
    );
  });
}

for (const floor of [-0.1, 1.1, NaN]) {
  Deno.test(`checkSchedule refuses a floor of ${floor}`, () => {
    assertThrows(
      () => checkSchedule({ kind: "cosine", rate: 1, floor }),
      RangeError,
      `${floor}`,
    );
  });
}

for (const warmup of [-1, 2.5, NaN, Infinity]) {
  Deno.test(`checkSchedule refuses a warm-up of ${warmup} steps`, () => {
    assertThrows(
      () => checkSchedule({ kind: "cosine", rate: 1, warmup }),
      RangeError,
      `${warmup}`,
    );
  });
}

Deno.test("checkSchedule accepts floors from 0 to 1 and no warm-up", () => {
  for (const floor of [0, 0.5, 1]) {
    checkSchedule({ kind: "cosine", rate: 1, floor, warmup: 0 });
  }
});
