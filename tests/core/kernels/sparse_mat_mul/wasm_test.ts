import { assertEquals, assertThrows } from "@std/assert";
import { sparsify } from "../../../../core/data/sparse_matrix.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { sparseMatMul } from "../../../../core/kernels/sparse_mat_mul/op.ts";
import { coverColumns } from "../../../../core/kernels/sparse_mat_mul/wasm.ts";
import { sparseRowsModule } from "../../../../core/kernels/sparse_mat_mul/wasm.ts";
import { assembleWat } from "../../../../core/kernels/wasm/assemble.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { assertParity } from "../../../parity.ts";

/** `[rows, columns]` numbers in [−1, 1), the given share of them 0. */
function drawSparse([rows, columns]: [number, number], zeros: number) {
  const random = randomStream(7, rows, columns);
  const dense = Float32Array.from(
    { length: rows * columns },
    () => random.uniform() < zeros ? 0 : 2 * random.uniform() - 1,
  );
  return sparsify(dense, [rows, columns]);
}

/** Of a row's columns, how many each block writes. */
function writtenBy(name: string): number {
  const count = Number(name.match(/\d+/)?.[0] ?? 1);
  return name.startsWith("vectors") ? 4 * count : count;
}

Deno.test("coverColumns covers every column once, in vectors of four", () => {
  for (let columns = 0; columns < 150; columns++) {
    const times = new Array(columns).fill(0);
    for (const { first, name } of coverColumns(columns)) {
      const written = writtenBy(name);
      const start = name.startsWith("tail") ? first + 4 - written : first;
      for (let column = start; column < start + written; column++) {
        times[column]++;
      }
    }
    assertEquals(times, new Array(columns).fill(1));
  }
});

await selectBackend("wasm");
for (const columns of [1, 2, 3, 4, 5, 6, 7, 11, 48, 50, 103]) {
  // Beyond 512 rows, B is used in tiles.
  for (
    const shape of [[1, 1], [3, 5], [5, 3], [17, 40], [40, 17], [4, 1025], [
      1025,
      4,
    ]] as const
  ) {
    const [rows, depth] = shape;
    Deno.test(`a sparse product [${rows}, ${depth}] × [${depth}, ${columns}] equals the CPU backend's`, async () => {
      await selectBackend("wasm");
      const a = drawSparse([rows, depth], 0.8);
      await assertParity([{
        name: `${columns} columns`,
        compute: ([b]) => sparseMatMul(a, b),
        shapes: [[depth, columns]],
        gradients: false,
      }]);
    });
  }
}

Deno.test("a sparse matrix without entries gives zeros", async () => {
  await selectBackend("wasm");
  const a = sparsify(new Float32Array(6), [2, 3]);
  const product = tf.tidy(() => sparseMatMul(a, tf.ones([3, 5])));
  assertEquals([...await product.data()], new Array(10).fill(0));
  product.dispose();
});

Deno.test("a product over no columns of A gives zeros, whatever the heap held", async () => {
  await selectBackend("wasm");
  tf.fill([3, 8], NaN).dispose();
  const a = sparsify(new Float32Array(0), [3, 0]);
  const product = tf.tidy(() => sparseMatMul(a, tf.zeros([0, 8])));
  assertEquals([...await product.data()], new Array(24).fill(0));
  product.dispose();
});

Deno.test("a NaN spoils the rows that read it and no others", async () => {
  await selectBackend("wasm");
  const a = sparsify(Float32Array.of(1, 0, 0, 1), [2, 2]);
  const product = tf.tidy(() =>
    sparseMatMul(a, tf.tensor2d([NaN, NaN, 3, 4], [2, 2]))
  );
  assertEquals([...await product.data()], [NaN, NaN, 3, 4]);
  product.dispose();
});

Deno.test("the module without relaxed SIMD is valid too", () => {
  const binary = assembleWat(
    "sparse_rows",
    sparseRowsModule(false).make().text,
  );
  assertEquals(WebAssembly.validate(binary), true);
});

Deno.test("a sparse product refuses a matrix of other rows", async () => {
  await selectBackend("wasm");
  const a = sparsify(Float32Array.of(1, 2), [1, 2]);
  for (const shape of [[3, 4], [2]]) {
    assertThrows(
      () => tf.tidy(() => sparseMatMul(a, tf.ones(shape))),
      RangeError,
      "needs one of 2 rows",
    );
  }
});
