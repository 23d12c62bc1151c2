import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compareOriginal } from "../../../core/export/prove_original.ts";

/** Logits of two images, their probabilities, and the logarithms of those. */
const LOGITS = Float32Array.of(1, 3, 2, 8, -1, 0);
const softmax = (row: number[]) => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};
const PROBABILITIES = Float32Array.from([
  ...softmax([1, 3, 2]),
  ...softmax([8, -1, 0]),
]);

const compare = (answers: Float32Array) =>
  compareOriginal(LOGITS, answers, { width: 3, asked: "another runtime" });

Deno.test("answers are compared as what the file ends in", () => {
  const shifted = LOGITS.map((logit, i) => logit + (i === 4 ? 1e-4 : 0));
  const plain = compare(shifted);
  assertEquals([plain.images, plain.compared], [2, "logits"]);
  assertAlmostEquals(plain.largestDifference, 1e-4, 1e-6);
  for (
    const [answers, compared] of [
      [PROBABILITIES, "probabilities"],
      [PROBABILITIES.map(Math.log), "log-probabilities"],
    ] as const
  ) {
    const found = compare(answers);
    assertEquals(found.compared, compared);
    assertAlmostEquals(found.largestDifference, 0, 1e-6);
  }
});

for (
  const [what, answers, message] of [
    ["another class", [3, 1, 2, 8, -1, 0], "image 0 gets class 0 there, and 1"],
    ["another number", [1, 3, 2, 8, -1, 0.1], "largest difference of logits"],
    ["a number that isn't finite", [1, 3, NaN, 8, -1, 0], "image 0 gets NaN"],
    ["fewer answers", [1, 3, 2], "3 answers for 6"],
  ] as const
) {
  Deno.test(`${what} is no proof`, () => {
    assertThrows(() => compare(Float32Array.from(answers)), Error, message);
  });
}
