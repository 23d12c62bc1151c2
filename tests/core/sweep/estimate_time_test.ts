import { assert, assertAlmostEquals } from "@std/assert";
import {
  estimateSeconds,
  type SweepWork,
} from "../../../core/sweep/estimate_time.ts";
import {
  DEFAULT_SPACE,
  listStudents,
} from "../../../core/sweep/search_space.ts";

const RATES = { matMulGflops: 50, conv2dGflops: 20 };
const WORK: SweepWork = {
  students: listStudents(DEFAULT_SPACE),
  training: {
    epochs: 5,
    batchSize: 128,
    patience: 5,
    optimiser: { kind: "adadelta" },
    schedule: { kind: "constant", rate: 1 },
  },
  extract: 70_000,
  multiplyAdds: 12_000_000,
  images: 55_000,
  width: 9216,
  classes: 10,
  limits: { bytes: 2 ** 30, largest: 2 ** 30 },
  workers: 2,
  plannedWorkers: 2,
};

function secondsOf(change: Partial<SweepWork>, rates = RATES): number {
  return estimateSeconds({ ...WORK, ...change }, rates);
}

Deno.test("estimateSeconds is finite and grows with everything that is to do", () => {
  const seconds = secondsOf({});
  assert(Number.isFinite(seconds) && seconds > 0);
  assert(secondsOf({ images: 110_000 }) > seconds);
  assert(secondsOf({ extract: 0 }) < seconds);
  assert(secondsOf({ workers: 1 }) > seconds);
  assert(secondsOf({ students: WORK.students.slice(0, 27) }) < seconds);
  const training = { ...WORK.training, epochs: 10 };
  assert(secondsOf({ training }) > seconds);
});

Deno.test("estimateSeconds takes half the time for features on a device twice as fast", () => {
  const features = (conv2dGflops: number) =>
    secondsOf({ students: [] }, { ...RATES, conv2dGflops });
  assertAlmostEquals(features(40), features(20) / 2, 1e-9);
  assertAlmostEquals(secondsOf({ students: [], extract: 0 }), 0);
});

Deno.test("estimateSeconds gains ever less from more workers", () => {
  const seconds = [1, 2, 4, 60, 120].map((workers) =>
    secondsOf({ extract: 0, workers })
  );
  seconds.slice(1).forEach((value, index) => assert(value <= seconds[index]));
  assertAlmostEquals(seconds[3], seconds[4], 1e-9);
});
