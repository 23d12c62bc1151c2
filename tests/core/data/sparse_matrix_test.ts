import { assertEquals } from "@std/assert";
import { fillDense, sparsify } from "../../../core/data/sparse_matrix.ts";
import { fc } from "../../seeded_check.ts";

const matrices = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.nat(9)).chain(
  ([rows, columns]) => {
    const size = rows * columns;
    const value = fc.oneof(
      fc.constant(0),
      fc.float({ noNaN: true }).filter((x) => !Object.is(x, -0)),
    );
    return fc.record({
      shape: fc.constant<[number, number]>([rows, columns]),
      values: fc.array(value, { minLength: size, maxLength: size })
        .map((numbers) => Float32Array.from(numbers)),
    });
  },
);

Deno.test("a sparse matrix keeps every number that differs from 0, row by row", () => {
  const sparse = sparsify(Float32Array.of(0, 2, 0, 0, 3, 0.5), [3, 2]);
  assertEquals(sparse.starts, Int32Array.of(0, 1, 1, 3));
  const columns = sparse.entries.filter((_, index) => index % 2 === 0);
  assertEquals(columns, Int32Array.of(1, 0, 1));
});

Deno.test("filling what was made sparse gives the same matrix", () => {
  fc.assert(fc.property(matrices, ({ values, shape }) => {
    assertEquals(fillDense(sparsify(values, shape)), values);
  }));
});
