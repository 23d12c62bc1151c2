import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  bootstrapInterval,
  findViolations,
} from "../../../core/sweep/monotonicity.ts";
import type { FinishedTrial } from "../../../core/sweep/trials.ts";
import { randomStream } from "../../../core/random/stream.ts";
import type { LossSpec } from "../../../core/train/losses/losses.ts";

const LABELS = Uint8Array.from({ length: 10 }, (_, image) => image);

/** A trial that classifies the images listed correctly, and no other. */
function trial(
  hidden: number,
  right: number[],
  rest: { seed?: number; dropout?: number; loss?: LossSpec } = {},
): FinishedTrial {
  return {
    id: 0,
    hidden,
    dropout: 0.2,
    loss: { kind: "logit-mse" },
    seed: 1,
    state: "done",
    error: "",
    parameters: hidden,
    seconds: 1,
    bestEpoch: 1,
    validation: { accuracy: 0, loss: 0 },
    test: { accuracy: 0, loss: 0 },
    predictions: LABELS.map((label) => right.includes(label) ? label : 255),
    epochs: [],
    ...rest,
  };
}

function pairs(trials: FinishedTrial[]) {
  return findViolations(trials, LABELS).map((
    { smaller, larger, difference },
  ) => [smaller, larger, Math.round(difference * 1e6) / 1e6]);
}

Deno.test("findViolations finds no pair where accuracy grows with size", () => {
  assertEquals(
    pairs([trial(4, [0, 1, 2]), trial(1, [0]), trial(2, [0, 5])]),
    [],
  );
});

Deno.test("findViolations finds every pair in which the smaller is at least as good", () => {
  const trials = [trial(8, [0, 1]), trial(2, [0, 1, 2]), trial(4, [7, 8])];
  assertEquals(pairs(trials), [[2, 4, 0.1], [2, 8, 0.1], [4, 8, 0]]);
});

Deno.test("findViolations counts a tie, of means over seeds too", () => {
  const trials = [
    // Means 0.3 and 0.3, by three seeds that no binary fraction adds up exactly.
    trial(1, [0, 1, 2], { seed: 1 }),
    trial(1, [0, 1, 2], { seed: 2 }),
    trial(1, [0, 1, 2], { seed: 3 }),
    trial(2, [0, 1], { seed: 1 }),
    trial(2, [3, 4, 5], { seed: 2 }),
    trial(2, [6, 7, 8, 9], { seed: 3 }),
  ];
  assertEquals(pairs(trials), [[1, 2, 0]]);
});

Deno.test("findViolations compares only those of one loss and dropout", () => {
  const trials = [
    trial(1, [0, 1, 2]),
    trial(2, [0], { loss: { kind: "cross-entropy" } }),
    trial(4, [0], { dropout: 0.5 }),
  ];
  assertEquals(pairs(trials), []);
});

Deno.test("findViolations tells loss, dropout and the interval of the difference", () => {
  const loss: LossSpec = { kind: "distillation", temperature: 2, alpha: 0.5 };
  const [violation] = findViolations([
    trial(1, [0, 1, 2, 3, 4], { loss, dropout: 0.5 }),
    trial(3, [0, 1, 2, 9], { loss, dropout: 0.5 }),
  ], LABELS);
  assertEquals(violation.loss, "distillation(T=2,alpha=0.5)");
  assertEquals(violation.dropout, 0.5);
  const differences = Float64Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, -1);
  assertEquals(violation.interval, bootstrapInterval(differences));
  assert(violation.interval[0] < 0.1 && violation.interval[1] > 0.1);
});

Deno.test("findViolations pairs images: equal predictions have an interval of no width", () => {
  const [violation] = findViolations([
    trial(1, [0, 3, 8]),
    trial(2, [0, 3, 8]),
  ], LABELS);
  assertEquals(violation.interval, [0, 0]);
});

Deno.test("bootstrapInterval comes to the normal interval d̄ ± 1.96 s/√n", () => {
  // 3000 differences of −1, 0 and 1, as two models give.
  const random = randomStream(3, "differences");
  const differences = Float64Array.from({ length: 3000 }, () => {
    const draw = random.uniform();
    return draw < 0.03 ? 1 : draw < 0.05 ? -1 : 0;
  });
  const n = differences.length;
  const mean = differences.reduce((a, b) => a + b) / n;
  const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
  const error = Math.sqrt(squares / n / n);
  const [low, high] = bootstrapInterval(differences);
  // A 2.5% quantile of 2000 draws has a standard error of
  // √(0.025·0.975/2000)/φ(1.96) = 0.06 standard errors: 0.2 is three of them.
  assertAlmostEquals((low - mean) / error, -1.96, 0.2);
  assertAlmostEquals((high - mean) / error, 1.96, 0.2);
  assertEquals(bootstrapInterval(differences), [low, high], "it is seeded");
});
