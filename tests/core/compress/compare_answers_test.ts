import { assertEquals, assertThrows } from "@std/assert";
import {
  compareAnswers,
  findCloseImages,
} from "../../../core/compress/compare_answers.ts";

/** Three images, two classes: a clear one, one that rounding could turn, a tie. */
const REFERENCE = {
  logits: Float32Array.of(1, 3, 2, 2.25, 5, 5),
  bounds: Float64Array.of(0.125, 0.25, 0.25),
  width: 2,
};

Deno.test("the largest difference, and the largest share of its bound, are told", () => {
  const logits = Float32Array.of(1.0625, 3, 2, 2.375, 5, 5);
  assertEquals(compareAnswers(REFERENCE, logits, "wasm"), {
    images: 3,
    largestDifference: 0.125,
    largestShare: 0.5,
  });
});

Deno.test("images whose margin rounding could turn are close, the closest first", () => {
  assertEquals(findCloseImages(REFERENCE), [
    { image: 2, margin: 0, bound: 0.25 },
    { image: 1, margin: 0.25, bound: 0.25 },
  ]);
});

Deno.test("of equal logits the first is the class, and a backend must say so too", () => {
  const logits = REFERENCE.logits.slice();
  logits[5] += 2 ** -10;
  assertThrows(
    () => compareAnswers(REFERENCE, logits, "webgpu"),
    Error,
    "Cannot trust webgpu: every image must get the class that the direct path gives it: image 2 gets 1, not 0, by a margin of 0.00e+0 (logits are exact to 2.50e-1): rounding explains it",
  );
});

Deno.test("another class, a logit beyond its bound, NaN and missing logits are refused", () => {
  const compare = (...logits: number[]) => () =>
    compareAnswers(REFERENCE, Float32Array.of(...logits), "cpu");
  assertThrows(compare(3, 1, 2, 2.25, 5, 5), Error, "rounding can't explain");
  assertThrows(compare(1, 3.2, 2, 2.25, 5, 5), Error, "may be 1.25e-1");
  assertThrows(compare(1, 3, NaN, 2.25, 5, 5), Error, "image 1 gets");
  assertThrows(compare(1, 3), Error, "there are 2 logits, not 6");
});
