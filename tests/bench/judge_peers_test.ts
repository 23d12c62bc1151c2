import { assertAlmostEquals, assertEquals } from "@std/assert";
import { judgePeers, processorRate } from "../../bench/judge_peers.ts";
import type { Measurement } from "../../bench/measurement.ts";
import { computeRatios } from "../../bench/ratios.ts";
import { madeUp } from "./made_up.ts";

const SOFTWARE = { native: null, software: true };
const NATIVE = { library: "OpenBLAS", threads: 2, matmul_gflops: 200 };

/** A product of 1024×1024 matrices at this rate. */
function product(
  rate: number,
  by: Partial<Measurement> = {},
): Measurement {
  return madeUp({
    work: "matmul",
    batch: 0,
    min_ms: 2 * 1024 ** 3 / rate / 1e6,
    ...by,
  });
}

/** PyTorch's step, in a process whose products reach this rate. */
function pytorch(own_matmul_gflops: number): Measurement {
  return madeUp({
    system: "pytorch",
    backend: "cpu",
    blas: "a BLAS",
    threads: 2,
    own_matmul_gflops,
  });
}

Deno.test("the processor's rate is the best of OpenBLAS and of what ran on the processor", () => {
  const rate = (measured: Measurement[], options = SOFTWARE) =>
    processorRate(measured, options) ?? NaN;
  assertEquals(processorRate([madeUp({})], SOFTWARE), null);
  assertAlmostEquals(rate([product(30), product(40)]), 40, 1e-9);
  assertEquals(rate([product(30), pytorch(50)]), 50);
  const all = [product(30), product(9000, { backend: "webgpu" })];
  assertAlmostEquals(rate(all), 9000, 1e-6);
  assertAlmostEquals(rate(all, { ...SOFTWARE, software: false }), 30, 1e-9);
  assertAlmostEquals(
    rate([product(30), product(9000, { backend: "cuda" })]),
    30,
    1e-9,
  );
  assertEquals(
    processorRate([product(30)], { native: NATIVE, software: true }),
    200,
  );
});

Deno.test("a peer below half of the processor's rate is crippled, at half it isn't", () => {
  const options = { native: NATIVE, software: true };
  for (const [rate, crippled] of [[99.9, true], [100, false]] as const) {
    const { peers, measurements } = judgePeers(
      [madeUp({}), pytorch(rate)],
      options,
    );
    assertEquals(peers.map((each) => each.crippled), [crippled]);
    assertEquals(
      measurements.map((each) => each.crippled),
      [undefined, crippled || undefined],
    );
    assertEquals(
      computeRatios(measurements, { software: true }).length,
      crippled ? 0 : 1,
    );
  }
});

Deno.test("without OpenBLAS the best of Wasm's products shows up a straw man, and the way out", () => {
  const { peers: [peer] } = judgePeers([product(38), pytorch(7.6)], SOFTWARE);
  assertEquals(
    { ...peer, processor_gflops: Math.round(peer.processor_gflops) },
    {
      system: "pytorch",
      backend: "cpu",
      version: "1.2.3",
      blas: "a BLAS",
      threads: 2,
      matmul_gflops: 7.6,
      processor_gflops: 38,
      crippled: true,
      remedy: "apt-get install libopenblas0-pthread",
    },
  );
});

Deno.test("a peer is judged by its best process, and all it measured alike", () => {
  const disturbed = [pytorch(60), pytorch(150)];
  const options = { native: NATIVE, software: true };
  assertEquals(judgePeers(disturbed, options).peers[0].crippled, false);
  // A product of its own that tells no rate of its process is the same peer's.
  const product = madeUp({ system: "pytorch", backend: "cpu", work: "matmul" });
  const { measurements } = judgePeers([product, pytorch(60)], options);
  assertEquals(measurements.map(({ crippled }) => crippled), [true, true]);
});
