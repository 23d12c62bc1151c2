import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  elasticField,
  gaussianWeights,
} from "../../../core/data/augment_images.ts";
import { randomStream } from "../../../core/random/stream.ts";

Deno.test("gaussianWeights sum to 1, fall from the middle and have the deviation", () => {
  const weights = [...gaussianWeights(2)];
  assertEquals(weights.length, 13);
  assertAlmostEquals(weights.reduce((a, b) => a + b), 1, 1e-6);
  assertEquals(weights, weights.toReversed());
  const variance = weights.reduce((sum, w, i) => sum + w * (i - 6) ** 2, 0);
  // What lies beyond 3σ is cut off.
  assertAlmostEquals(Math.sqrt(variance), 2, 0.05);
});

Deno.test("a field is the noise convolved with the Gaussian both ways, 0 outside", () => {
  const [height, width] = [5, 7];
  const elastic = { amplitude: 3, deviation: 1 };
  const random = randomStream(1, "field");
  const words = Array.from({ length: height * width }, () => random.uint32());
  const { across, down } = elasticField([height, width], elastic)(
    randomStream(1, "field"),
  );
  const g = gaussianWeights(1);
  for (const [field, shift] of [[across, 0], [down, 16]] as const) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        let sum = 0;
        for (let r = 0; r < height; r++) {
          for (let c = 0; c < width; c++) {
            const noise = ((words[r * width + c] >>> shift) & 0xffff) / 32768 -
              1;
            sum += 3 * (g[r - row + 3] ?? 0) * (g[c - column + 3] ?? 0) * noise;
          }
        }
        assertAlmostEquals(field[row * width + column], sum, 1e-5);
      }
    }
  }
});

Deno.test("in the middle of an image pixels wander by amplitude · √(1/3) · Σ g²", () => {
  const draw = elasticField([28, 28], { amplitude: 15, deviation: 4 });
  const random = randomStream(2);
  let squares = 0;
  for (let i = 0; i < 400; i++) {
    const { across, down } = draw(random);
    squares += across[14 * 28 + 14] ** 2 + down[14 * 28 + 14] ** 2;
  }
  const g = gaussianWeights(4);
  const expected = 15 * Math.sqrt(1 / 3) *
    g.reduce((sum, weight) => sum + weight ** 2, 0);
  assert(Math.abs(Math.sqrt(squares / 800) / expected - 1) < 0.1);
});
