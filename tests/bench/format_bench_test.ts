import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatBench, formatComparisons } from "../../bench/format_bench.ts";
import { madeUp, madeUpReport } from "./made_up.ts";

Deno.test("a report names machine, measurements, what was absent, and ratios", () => {
  const text = formatBench(madeUpReport({
    measurements: [
      madeUp({}),
      madeUp({
        work: "sweep",
        system: "tfjs",
        students: 54,
        runs: 0,
        median_ms: 1.05e7,
        gflops: null,
        matmul_fraction: null,
      }),
    ],
    absent: [{
      work: "teacher-step",
      batch: 128,
      system: "pytorch",
      backend: "cpu",
      reason: "No module named 'torch'",
    }],
    capacity: [{
      backend: "wasm",
      students: 2,
      steps: [
        { students: 1, median_ms: 8.55 },
        { students: 2, median_ms: 9 },
        { students: 4, median_ms: 18 },
      ],
    }],
    ratios: [
      { name: "a over b", value: 17.36, at_least: 15, aim: 40, met: true },
      { name: "c over d", value: 1234.5, at_least: null, aim: null, met: null },
    ],
  }));
  assertEquals(
    text,
    `2026-11-22T14:00:00.000Z, Deno 2.9.6
Abacus, 2 cores, matrix products 183 GFLOP/s; WebGPU adapter: Beads (LLVM 1)

work                           system        backend          ms       least        most       runs  images/s  GFLOP/s  of matmul  peak MB
teacher-step, batch 128        retort 1.2.3  wasm            100        99.0         101          3     1,280     91.6      50.0%      200
sweep, 54 students, batch 128  tfjs 1.2.3    wasm     10,500,000  10,499,999  10,500,001  estimated     1,280        –          –      200

estimated: measured steps of student-step, interpolated between widths, times the steps of all
students. Each step feeds its images through the frozen convolutions, as plain tfjs would;
validation, tests and starts are left out, in favour of whom it is the time of

absent: teacher-step, batch 128, pytorch on cpu: No module named 'torch'

students of 6 units in one cohort on wasm before a step takes twice that of one: 2 (1: 8.55 ms, 2: 9.00 ms, 4: 18.0 ms)

ratio      value  at least  aim  met
a over b   17.4×       15×  40×  yes
c over d  1,235×`,
  );
});

Deno.test("a report tells what native peers are able to, and which are crippled", () => {
  const peer = {
    system: "pytorch" as const,
    backend: "cpu" as const,
    version: "1.13",
    blas: "reference BLAS",
    threads: 2,
    matmul_gflops: 7.6,
    processor_gflops: 196.4,
    crippled: true,
    remedy: "apt-get install libopenblas0-pthread",
  };
  const text = formatBench(madeUpReport({
    machine: {
      cores: 2,
      cpu: "Abacus",
      matmul_gflops: 196.4,
      native: { library: "OpenBLAS 0.3", threads: 2, matmul_gflops: 196.4 },
    },
    measurements: [
      madeUp({ system: "pytorch", crippled: true, own_matmul_gflops: 7.6 }),
      madeUp({ system: "onnxruntime-web", threads: 1 }),
    ],
    peers: [peer, {
      ...peer,
      system: "jax-js",
      blas: null,
      threads: null,
      matmul_gflops: 150,
      crippled: false,
      remedy: null,
    }],
  }));
  assertStringIncludes(
    text,
    `
OpenBLAS 0.3 by itself, 2 threads: matrix products 196 GFLOP/s
pytorch 1.13 on cpu: reference BLAS, 2 threads, matrix products 7.60 GFLOP/s, 4% of the processor's 196
crippled: pytorch on cpu reaches less than 50% of that, and is left out of the ratios: apt-get install libopenblas0-pthread
jax-js 1.13 on cpu: matrix products 150 GFLOP/s, 76% of the processor's 196
onnxruntime-web 1.2.3 on wasm: 1 thread
`,
  );
  assertStringIncludes(text, "pytorch 1.2.3 (crippled)");
});

Deno.test("a comparison says which ratios have fallen", () => {
  const text = formatComparisons([
    { name: "a", value: 10, recorded: 9, regressed: false },
    { name: "b", value: 1, recorded: 9, regressed: true },
  ]);
  assertStringIncludes(text, "a      10.0×     9.00×  kept");
  assertStringIncludes(text, "b      1.00×     9.00×  fallen");
});
