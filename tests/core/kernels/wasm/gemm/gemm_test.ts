import { assert, assertEquals } from "@std/assert";
import { fc } from "../../../../seeded_check.ts";
import { useWasm } from "../../../../../core/device/wasm.ts";
import { matMul } from "../../../../../core/kernels/mat_mul/wasm.ts";
import { asWasmBackend } from "../../../../../core/kernels/wasm/heap.ts";
import { gemmKernels } from "../../../../../core/kernels/wasm/gemm/gemm.ts";
import { hasRelaxedSimd } from "../../../../../core/kernels/wasm/assemble.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import * as tf from "../../../../../core/tf.ts";
import { leaveInMemory } from "../garbage.ts";

/** A product op(A)·op(B), `[m, k]`·`[k, n]`. */
interface Product {
  m: number;
  k: number;
  n: number;
  transposeA: boolean;
  transposeB: boolean;
}

function values(size: number, name: string): Float32Array {
  const random = randomStream(7, name);
  return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
}

/** The product on Wasm, by relaxed_madd or not. */
async function multiply(
  { m, k, n, transposeA, transposeB }: Product,
  fused: boolean,
): Promise<ArrayLike<number>> {
  await useWasm();
  const backend = asWasmBackend(tf.backend());
  const before = backend.numDataIds();
  const a = tf.tensor(values(m * k, "a"), transposeA ? [k, m] : [m, k]);
  const b = tf.tensor(values(k * n, "b"), transposeB ? [n, k] : [k, n]);
  const product = matMul(backend, gemmKernels(backend, fused), {
    a,
    b,
    transposeA,
    transposeB,
  });
  const result = Float32Array.from(backend.typedArrayFromHeap(product));
  backend.disposeData(product.dataId);
  tf.dispose([a, b]);
  assertEquals(backend.numDataIds(), before, "memory was leaked");
  return result;
}

/** The product in float64, and the largest error that rounding to float32 can make. */
function expected(
  { m, k, n, transposeA, transposeB }: Product,
): { value: number; error: number }[] {
  const [a, b] = [values(m * k, "a"), values(k * n, "b")];
  const left = (i: number, p: number) => a[transposeA ? p * m + i : i * k + p];
  const right = (p: number, j: number) => b[transposeB ? j * k + p : p * n + j];
  return Array.from({ length: m * n }, (_, index) => {
    let [value, magnitude] = [0, 0];
    for (let p = 0; p < k; p++) {
      const product = left(Math.floor(index / n), p) * right(p, index % n);
      value += product;
      magnitude += Math.abs(product);
    }
    // Higham, "Accuracy and stability of numerical algorithms", section 3.1.
    return { value, error: (k + 1) * 2 ** -24 * magnitude };
  });
}

async function assertRight(product: Product, fused: boolean): Promise<void> {
  const given = await multiply(product, fused);
  const wanted = expected(product);
  assertEquals(given.length, wanted.length);
  wanted.forEach(({ value, error }, index) =>
    assert(
      Math.abs(given[index] - value) <= error,
      `element ${index} of ${JSON.stringify(product)} is ${
        given[index]
      }: want ${value}`,
    )
  );
}

const ways = (hasRelaxed: boolean) => hasRelaxed ? [true, false] : [false];

Deno.test("a product equals one in float64 for any extents and transposes, with and without relaxed_madd", async () => {
  await useWasm();
  const extent = fc.integer({ min: 0, max: 40 });
  for (const fused of ways(hasRelaxedSimd())) {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          m: extent,
          k: extent,
          n: extent,
          transposeA: fc.boolean(),
          transposeB: fc.boolean(),
        }),
        (product) => assertRight(product, fused),
      ),
      { numRuns: 150 },
    );
  }
});

Deno.test("a product of more than one block each way equals one in float64", async () => {
  await useWasm();
  for (const fused of ways(hasRelaxedSimd())) {
    for (const transpose of [false, true]) {
      const [transposeA, transposeB] = [transpose, transpose];
      const shared = { transposeA, transposeB };
      await assertRight({ m: 259, k: 386, n: 9, ...shared }, fused);
      await assertRight({ m: 5, k: 770, n: 517, ...shared }, fused);
    }
  }
});

Deno.test("a product is the same bits whatever memory held before", async () => {
  await useWasm();
  const shared = { m: 67, k: 391, n: 13 };
  for (const fused of ways(hasRelaxedSimd())) {
    for (const transpose of [false, true]) {
      const product = {
        ...shared,
        transposeA: transpose,
        transposeB: transpose,
      };
      leaveInMemory(0);
      const first = await multiply(product, fused);
      leaveInMemory(NaN);
      assertEquals(await multiply(product, fused), first);
    }
  }
});
