import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import { initialWeights } from "../../core/models/initialise.ts";
import { studentSpec } from "../../core/models/student.ts";
import { quantiseStudent } from "../../site/quantise_student.ts";

const labels = [..."0123456789"];
const spec = studentSpec({ hidden: 2, dropout: 0.2 });
const weights = initialWeights(spec, 1).map(({ shape, values }) => ({
  shape,
  // Biases begin at 0: any numbers do.
  values: shape.length === 1 ? values.map((_, i) => Math.sin(i)) : values,
}));
const quantise = (bits: number) =>
  quantiseStudent({ spec, weights }, { bits, labels });

Deno.test("students of one teacher have the same convolutions, whatever their bits", () => {
  const [few, many] = [quantise(3), quantise(6)];
  assertEquals(few.tensors.slice(0, 4), many.tensors.slice(0, 4));
});

Deno.test("a file's student has no dropout", () => {
  const kinds = quantise(4).spec.layers.map(({ kind }) => kind);
  assertEquals(kinds.includes("dropout"), false);
});

Deno.test("more bits come nearer to the weights", () => {
  const distances = [2, 4, 6, 8].map((bits) => {
    const { values } = decodeTensor(quantise(bits).tensors[4]);
    return values.reduce(
      (sum, value, i) => sum + (value - weights[4].values[i]) ** 2,
      0,
    );
  });
  assertEquals(distances, distances.toSorted((a, b) => b - a));
});

Deno.test("biases are the nearest float16s", () => {
  quantise(8).tensors.forEach((tensor, index) => {
    if (index % 2 === 0) return;
    const { values } = decodeTensor(tensor);
    values.forEach((value, i) => {
      const exact = weights[index].values[i];
      assert(Math.abs(value - exact) <= Math.abs(exact) * 2 ** -11, `${i}`);
    });
  });
});

Deno.test("bits that no file has are refused", () => {
  for (const bits of [0, 9, 2.5]) {
    assertThrows(() => quantise(bits), RangeError);
  }
});
