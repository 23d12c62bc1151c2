import { assert, assertEquals } from "@std/assert";
import { fc } from "../../../seeded_check.ts";
import {
  INPUTS,
  OUTPUTS,
  POINTS,
  TAPS,
  winogradMatrices,
} from "../../../../core/kernels/conv2d/winograd_matrices.ts";

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

Deno.test("Winograd's matrices compute four outputs of a filter of three taps by six products", () => {
  const { input, filter, output } = winogradMatrices(POINTS);
  assertEquals([input.length, filter.length], [INPUTS, INPUTS]);
  const number = fc.integer({ min: -99, max: 99 });
  const numbers = (count: number) =>
    fc.array(number, { minLength: count, maxLength: count });
  fc.assert(fc.property(numbers(INPUTS), numbers(TAPS), (d, g) => {
    const products = input.map((row, point) =>
      dot(row, d) * dot(filter[point], g)
    );
    for (let y = 0; y < OUTPUTS; y++) {
      const wanted = dot(g, d.slice(y, y + TAPS));
      assert(Math.abs(dot(output[y], products) - wanted) < 1e-8);
    }
  }));
});

Deno.test("Winograd's matrices over 0, ±1, ±2 are those of Lavin and Gray but for the scales of their rows", () => {
  const { input, filter, output } = winogradMatrices([0, 1, -1, 2, -2]);
  assertEquals(output, [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
  ]);
  const published = {
    input: [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ],
    filter: [
      [1 / 4, 0, 0],
      [-1 / 6, -1 / 6, -1 / 6],
      [-1 / 6, 1 / 6, -1 / 6],
      [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6],
      [0, 0, 1],
    ],
  };
  const products = (a: readonly number[], b: readonly number[]) =>
    a.flatMap((x) => b.map((y) => x * y));
  for (let point = 0; point < INPUTS; point++) {
    const ours = products(input[point], filter[point]);
    const theirs = products(published.input[point], published.filter[point]);
    ours.forEach((value, k) => assert(Math.abs(value - theirs[k]) < 1e-12));
  }
});
