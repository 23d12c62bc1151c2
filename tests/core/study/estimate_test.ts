import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { estimateMean } from "../../../core/study/estimate.ts";

// scipy 1.17.1: scipy.stats.t.ppf(0.975, n - 1), as in any table of Student's t.
const QUANTILES: [number, number][] = [
  [2, 12.706204736174694],
  [3, 4.302652729749462],
  [5, 2.7764451051977934],
  [10, 2.262157162798205],
  [30, 2.045229642132703],
];

for (const [count, quantile] of QUANTILES) {
  Deno.test(`estimateMean of ${count} values reaches t = ${quantile.toFixed(4)} standard errors to either side`, () => {
    // 0, 1, …, n − 1: mean (n − 1)/2, sample variance n(n + 1)/12.
    const values = Array.from({ length: count }, (_, value) => value);
    const { mean, low, high } = estimateMean(values);
    const error = Math.sqrt((count + 1) / 12);
    assertAlmostEquals(mean, (count - 1) / 2, 1e-12);
    assertAlmostEquals(high, mean + quantile * error, 1e-6);
    assertAlmostEquals(low, mean - quantile * error, 1e-6);
  });
}

Deno.test("estimateMean agrees with scipy on accuracies", () => {
  // scipy.stats.t.interval(0.95, 2, mean, scipy.stats.sem([0.9801, 0.9779, 0.9812]))
  const { mean, low, high } = estimateMean([0.9801, 0.9779, 0.9812]);
  assertAlmostEquals(mean, 0.9797333333333333, 1e-12);
  assertAlmostEquals(low, 0.9755592919963769, 1e-8);
  assertAlmostEquals(high, 0.9839073746702898, 1e-8);
});

Deno.test("estimateMean has no width for one value, nor for equal ones", () => {
  assertEquals(estimateMean([0.7]), { mean: 0.7, low: 0.7, high: 0.7 });
  assertEquals(estimateMean([0.5, 0.5]), { mean: 0.5, low: 0.5, high: 0.5 });
});

Deno.test("estimateMean refuses nothing at all", () => {
  assertThrows(() => estimateMean([]), RangeError, "there must be a value");
});
