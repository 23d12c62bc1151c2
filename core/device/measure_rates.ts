import * as tf from "../tf.ts";

/** How fast a backend computes, in 10⁹ multiplications and additions a second. */
export interface Rates {
  /** Product of two square matrices. */
  matMulGflops: number;
  /** A 3×3 convolution as the teacher's second. */
  conv2dGflops: number;
}

/** Runs of which the median counts. */
const RUNS = 3;
/** A run is made at least this long, so that reading back matters little. */
const RUN_MS = 60;

/** Milliseconds to run `work` `times` times and read one number of the last. */
async function time(work: () => tf.Tensor, times: number): Promise<number> {
  const start = performance.now();
  const last = tf.tidy(() => {
    for (let i = 1; i < times; i++) work().dispose();
    const result = work();
    return tf.slice(tf.reshape(result, [result.size]), 0, 1);
  });
  await last.data();
  last.dispose();
  return performance.now() - start;
}

/** Operations a second, ×10⁻⁹, of `work`, which is `operations` of them. */
async function measure(
  work: () => tf.Tensor,
  operations: number,
): Promise<number> {
  await time(work, 1); // compiles shaders
  let times = 1;
  while (times < 4096 && await time(work, times) < RUN_MS) times *= 2;
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await time(work, times));
  const [, median] = runs.toSorted((a, b) => a - b);
  return operations * times / median / 1e6;
}

/**
 * Measures the current backend: the median of three runs each of a product of
 * 512×512 matrices and of a convolution of 8 images, 26×26×32 to 24×24×64; on
 * the CPU backend, which is a hundred times slower, of small ones.
 *
 * Time to read one number back is included. No tensor is left.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { measureRates } from "./measure_rates.ts";
 * import { selectBackend } from "./select_backend.ts";
 *
 * await selectBackend("wasm");
 * assert((await measureRates()).matMulGflops > 0);
 * ```
 */
export async function measureRates(): Promise<Rates> {
  const small = tf.getBackend() === "cpu";
  const size = small ? 64 : 512;
  const [images, extent, inputs, filters] = small
    ? [1, 10, 8, 16]
    : [8, 26, 32, 64];
  const a = tf.fill<tf.Rank.R2>([size, size], 0.5);
  const x = tf.fill<tf.Rank.R4>([images, extent, extent, inputs], 0.5);
  const kernel = tf.fill<tf.Rank.R4>([3, 3, inputs, filters], 0.5);
  try {
    return {
      matMulGflops: await measure(() => tf.matMul(a, a), 2 * size ** 3),
      conv2dGflops: await measure(
        () => tf.conv2d(x, kernel, 1, "valid"),
        2 * images * (extent - 2) ** 2 * 9 * inputs * filters,
      ),
    };
  } finally {
    tf.dispose([a, x, kernel]);
  }
}
