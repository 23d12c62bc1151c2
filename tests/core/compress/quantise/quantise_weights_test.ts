import { assert, assertEquals, assertThrows } from "@std/assert";
import { measureError } from "../../../../core/compress/quantise/measure_error.ts";
import { quantiseWeights } from "../../../../core/compress/quantise/quantise_weights.ts";
import {
  drawMask,
  drawWeights,
} from "../../train/constraints/constrained_weights.ts";

const WEIGHT = drawWeights([3, 3, 4, 8], 2);
/** Each channel 4 times as large as the one before. */
const SPREAD = {
  ...WEIGHT,
  values: WEIGHT.values.map((value, i) => value * 4 ** (i % 8)),
};

function errorOf(
  weight: typeof WEIGHT,
  bits: number,
  form: { perChannel?: boolean; powerOfTwo?: boolean } = {},
) {
  const [{ error }] = quantiseWeights([weight], [
    { kind: "uniform", bits, perChannel: false, powerOfTwo: false, ...form },
  ]);
  return error;
}

Deno.test("every bit from the second on is worth some 6 dB", () => {
  const noises = [2, 3, 4, 5, 6, 7, 8].map((bits) =>
    errorOf(WEIGHT, bits).signalToNoise
  );
  noises.slice(1).forEach((decibels, i) => {
    // 20·log₁₀ 2 = 6.02 for even weights; few levels gain a little more.
    const gain = decibels - noises[i];
    assert(gain > 5 && gain < 9, `${gain} dB`);
  });
});

Deno.test("a step a channel helps where channels differ", () => {
  const whole = errorOf(SPREAD, 4).rootMeanSquare;
  const each = errorOf(SPREAD, 4, { perChannel: true }).rootMeanSquare;
  assert(each < whole, `${each}, ${whole}`);
});

Deno.test("a power of two for a step costs little, and never gains", () => {
  for (const bits of [2, 4, 8]) {
    const free = errorOf(WEIGHT, bits).rootMeanSquare;
    const power = errorOf(WEIGHT, bits, { powerOfTwo: true }).rootMeanSquare;
    assert(power >= free && power < 2 * free, `${power}, ${free}`);
  }
});

Deno.test("pruned weights stay 0", () => {
  const mask = drawMask(WEIGHT.values.length, 3);
  const [{ tensor }] = quantiseWeights([WEIGHT], [
    { kind: "uniform", bits: 4, perChannel: true, powerOfTwo: false, mask },
  ]);
  if (tensor.kind !== "uniform") throw new TypeError("levels expected");
  tensor.levels.forEach((level, i) => {
    if (mask[i] === 0) assertEquals(level, 0);
  });
});

Deno.test("the errors are their formulas'", () => {
  const error = measureError(
    Float32Array.of(1, -2, 2),
    Float32Array.of(1, -2, 1),
  );
  assertEquals(error, {
    rootMeanSquare: Math.sqrt(1 / 3),
    largest: 1,
    signalToNoise: 10 * Math.log10(9),
  });
  const same = measureError(Float32Array.of(1), Float32Array.of(1));
  assertEquals(same.signalToNoise, Infinity);
});

Deno.test("an error needs weights, and as many of both", () => {
  for (const [weights, rounded] of [[0, 0], [2, 1]]) {
    assertThrows(
      () => measureError(new Float32Array(weights), new Float32Array(rounded)),
      RangeError,
      `current value is ${rounded} of ${weights}`,
    );
  }
});
