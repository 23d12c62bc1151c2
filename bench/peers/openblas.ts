// OpenBLAS by itself, as the limit of what a system can reach on the processor:
// `deno run --allow-ffi openblas.ts FOLDER`. Its threads are the environment's.
const [folder] = Deno.args;

/** As in `matmul`, which every system is asked for. */
const SIZE = 1024;
/** Products that count; two more wake its threads. */
const RUNS = 12;

/** CblasRowMajor, CblasNoTrans. */
const [ROW_MAJOR, AS_IT_IS] = [101, 111];

const { symbols } = Deno.dlopen(`${folder}/libopenblas.so.0`, {
  openblas_get_config: { parameters: [], result: "pointer" },
  openblas_get_corename: { parameters: [], result: "pointer" },
  cblas_sgemm: {
    parameters: [
      ...["i32", "i32", "i32", "i32", "i32", "i32"] as const,
      ...["f32", "buffer", "i32", "buffer", "i32"] as const,
      ...["f32", "buffer", "i32"] as const,
    ],
    result: "void",
  },
});

function readText(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

const matrix = Float32Array.from(
  { length: SIZE * SIZE },
  (_, index) => index % 7,
);
const product = new Float32Array(SIZE * SIZE);

/** How long one product takes, in ms. */
function multiply(): number {
  const start = performance.now();
  symbols.cblas_sgemm(
    ...[ROW_MAJOR, AS_IT_IS, AS_IT_IS, SIZE, SIZE, SIZE] as const,
    ...[1, matrix, SIZE, matrix, SIZE] as const,
    ...[0, product, SIZE] as const,
  );
  return performance.now() - start;
}

const times = Array.from({ length: RUNS + 2 }, multiply).slice(2);
// One entry of small integers, whose sums float32 holds: a rate of wrong answers is none.
const [row, column] = [3, 5];
let sum = 0;
for (let i = 0; i < SIZE; i++) {
  sum += matrix[row * SIZE + i] * matrix[i * SIZE + column];
}
if (product[row * SIZE + column] !== sum) {
  throw new Error(`its product must have ${sum} at ${row}, ${column}`);
}
// "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH … MAX_THREADS=64"
const [name, version] = readText(symbols.openblas_get_config()).split(" ");
const core = readText(symbols.openblas_get_corename());
console.log(JSON.stringify({
  library: `${name} ${version} (${core})`,
  matmul_gflops: 2 * SIZE ** 3 / Math.min(...times) / 1e6,
}));
