import type { Measurement } from "../../bench/measurement.ts";
import type { BenchReport } from "../../bench/run_bench.ts";

/** A teacher's step by Retort on Wasm in 100 ms, but for what `given` says. */
export function madeUp(given: Partial<Measurement>): Measurement {
  const { median_ms = 100 } = given;
  return {
    work: "teacher-step",
    batch: 128,
    system: "retort",
    backend: "wasm",
    version: "1.2.3",
    adapter: null,
    runs: 3,
    median_ms,
    min_ms: median_ms - 1,
    max_ms: median_ms + 1,
    images_per_second: 1280,
    gflops: 91.6,
    matmul_fraction: 0.5,
    peak_bytes: 2e8,
    ...given,
  };
}

/** A report of `measurements` on a machine that doesn't exist. */
export function madeUpReport(given: Partial<BenchReport>): BenchReport {
  return {
    date: "2026-11-22T14:00:00.000Z",
    deno: "2.9.6",
    machine: { cores: 2, cpu: "Abacus", matmul_gflops: 183.2, native: null },
    adapter: "Beads (LLVM 1)",
    measurements: [],
    absent: [],
    capacity: [],
    ratios: [],
    peers: [],
    ...given,
  };
}
