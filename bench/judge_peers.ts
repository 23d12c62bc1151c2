import type { Measurement } from "./measurement.ts";
import type { NativeLimit } from "./native_blas.ts";
import { countOperations } from "./operations.ts";
import type { BenchBackend, SystemName } from "./system.ts";
import { MATMUL } from "./work.ts";

/** The share of the processor's rate below which a peer is a straw man. */
export const LEAST_RATE = 0.5;

/** What a peer that computes by a native library is able to. */
export interface PeerRate {
  system: SystemName;
  backend: BenchBackend;
  version: string;
  /** Whose matrix products it runs; null where it doesn't tell. */
  blas: string | null;
  threads: number | null;
  /** The best rate of products of 1024×1024 matrices in any of its processes. */
  matmul_gflops: number;
  /** What it is judged by: see {@linkcode processorRate}. */
  processor_gflops: number;
  /** Whether it reaches less than {@linkcode LEAST_RATE} of that. */
  crippled: boolean;
  /** What to do about it, if it is. */
  remedy: string | null;
}

/**
 * What the processor can, in 10⁹ operations a second: the best rate of products of
 * 1024×1024 matrices that OpenBLAS by itself, or any system whose backend
 * runs on the processor, reached in this run; WebGPU's where software does its work.
 * Null where none was measured.
 */
export function processorRate(
  measurements: readonly Measurement[],
  { native, software }: { native: NativeLimit | null; software: boolean },
): number | null {
  const onProcessor = measurements.filter(({ backend }) =>
    backend === "webgpu" ? software : backend !== "cuda"
  );
  const operations = countOperations(MATMUL.task);
  const rates = [
    ...(native ? [native.matmul_gflops] : []),
    ...onProcessor.flatMap((each) => each.own_matmul_gflops ?? []),
    ...onProcessor.filter(({ work }) => work === "matmul")
      .map(({ min_ms }) => operations / min_ms / 1e6),
  ];
  return rates.length > 0 ? Math.max(...rates) : null;
}

function remedyFor(native: NativeLimit | null): string {
  return native
    ? "let nothing else run beside the bench, and run it again"
    : "apt-get install libopenblas0-pthread";
}

/**
 * Judges every peer that computes by a native library, those of `measurements` that
 * tell the rate of their own process: one that multiplies at less than half of what
 * the processor can is crippled. Its measurements are marked, and ratios leave
 * them out.
 *
 * A peer's best process counts: its variables and its library are the same in all of
 * them, and what else runs on the machine for a while is no fault of it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { madeUp } from "../tests/bench/made_up.ts";
 * import { judgePeers } from "./judge_peers.ts";
 *
 * const slow = madeUp({ system: "pytorch", backend: "cpu", own_matmul_gflops: 7.6 });
 * const native = { library: "OpenBLAS", threads: 2, matmul_gflops: 200 };
 * const { peers, measurements } = judgePeers([slow], { native, software: true });
 * assertEquals([peers[0].crippled, measurements[0].crippled], [true, true]);
 * ```
 */
export function judgePeers(
  measurements: readonly Measurement[],
  { native, software }: { native: NativeLimit | null; software: boolean },
): { measurements: Measurement[]; peers: PeerRate[] } {
  const limit = processorRate(measurements, { native, software });
  const groups = Map.groupBy(
    measurements.filter((each) => each.own_matmul_gflops !== undefined),
    ({ system, backend }) => `${system} ${backend}`,
  );
  const peers = [...groups.values()].flatMap((group) => {
    if (limit === null) return [];
    const [{ system, backend, version, blas, threads }] = group;
    const rate = Math.max(...group.map((each) => each.own_matmul_gflops ?? 0));
    const crippled = rate < LEAST_RATE * limit;
    return [{
      system,
      backend,
      version,
      blas: blas ?? null,
      threads: threads ?? null,
      matmul_gflops: rate,
      processor_gflops: limit,
      crippled,
      remedy: crippled ? remedyFor(native) : null,
    }];
  });
  const isCrippled = (each: Measurement) =>
    peers.some(({ system, backend, crippled }) =>
      crippled && system === each.system && backend === each.backend
    );
  return {
    peers,
    measurements: measurements.map((each) =>
      isCrippled(each) ? { ...each, crippled: true } : each
    ),
  };
}
