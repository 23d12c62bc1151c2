import { assertEquals, assertRejects } from "@std/assert";
import { measureItems } from "../../bench/measure_items.ts";
import { nativeEnvironment } from "../../bench/native_blas.ts";
import { startPeer } from "../../bench/peer_process.ts";
import { peakMemory, readStatusBytes } from "../../bench/peak_memory.ts";
import type { System } from "../../bench/system.ts";
import { cohortItems, type Item, MATMUL } from "../../bench/work.ts";
import { pretend } from "./pretend.ts";

const ONCE = { least: 1, most: 1, budget: 0 };

const missing: System = {
  name: "pytorch",
  backend: "cpu",
  command: "/no/such/python3",
  args: [],
};

Deno.test("a peer tells what it is, and answers each task", async () => {
  await using peer = await startPeer(pretend("answers"));
  assertEquals([peer.version, peer.adapter], ["4.5.6", "Beads"]);
  assertEquals(await peer.run(MATMUL.task), 10);
  assertEquals(await peer.run(MATMUL.task), 11);
  const [cohort] = cohortItems();
  await assertRejects(() => peer.run(cohort.task), Error, "no cohorts");
  assertEquals(await peer.run(MATMUL.task), 12);
});

Deno.test("a peer with variables of its own has none of this process's", async () => {
  Deno.env.set("OPENBLAS_CORETYPE", "Haswell");
  try {
    const environment = nativeEnvironment(Deno.env.toObject(), {
      threads: 3,
      openblas: null,
    });
    const system = pretend("tells its variables");
    await using slow = await startPeer(system);
    await using peer = await startPeer({ ...system, environment });
    assertEquals(
      [slow.adapter, peer.adapter],
      [`["Haswell",null,"1"]`, `[null,"3","1"]`],
    );
    assertEquals([peer.blas, peer.threads], ["Abacus", 3]);
  } finally {
    Deno.env.delete("OPENBLAS_CORETYPE");
  }
});

Deno.test("a native system's process tells its own rate of matrix products", async () => {
  const native = { ...pretend("tells its variables"), native: true };
  const step: Item = {
    task: { work: "teacher-step", batch: 128 },
    subject: { work: "teacher-step", batch: 128 },
  };
  const measure = (items: Item[]) =>
    measureItems([native, pretend("answers")], items, { repetitions: ONCE });
  const { measurements: [judged, other], ...rest } = await measure([step]);
  // Four runs of 10 ms and more prepare, then comes the step's, then the product's.
  const rate = judged.own_matmul_gflops ?? 0;
  assertEquals(Math.round(2 * 1024 ** 3 / rate / 1e6), 15);
  assertEquals([judged.work, judged.blas, judged.threads], [
    "teacher-step",
    "Abacus",
    3,
  ]);
  assertEquals([other.own_matmul_gflops, other.blas], [undefined, undefined]);
  assertEquals(rest.absent, []);
  const { measurements } = await measure([MATMUL]);
  assertEquals(measurements.map(({ work }) => work), ["matmul", "matmul"]);
  assertEquals(measurements[0].own_matmul_gflops, measurements[0].gflops);
});

Deno.test("a peer that can't start says why", async () => {
  await assertRejects(
    () => startPeer(pretend("refuses")),
    Error,
    "no such device",
  );
  await assertRejects(
    () => startPeer(pretend("dies")),
    Error,
    "its process ended: TypeError: it is broken",
  );
  await assertRejects(() => startPeer(missing), Error, "/no/such/python3");
});

Deno.test("what a system can't do is told as absent, and the rest is measured", async () => {
  const [cohort] = cohortItems();
  const { measurements, absent } = await measureItems(
    [pretend("answers"), missing, pretend("refuses")],
    [MATMUL, cohort],
    { repetitions: ONCE },
  );
  const [{ peak_bytes, ...measured }] = measurements;
  assertEquals(measured, {
    work: "matmul",
    batch: 0,
    system: "tfjs",
    backend: "wasm",
    version: "4.5.6",
    adapter: "Beads",
    runs: 1,
    median_ms: 12,
    min_ms: 12,
    max_ms: 12,
    images_per_second: null,
    gflops: 2 * 1024 ** 3 / 12 / 1e6,
    matmul_fraction: null,
  });
  assertEquals(peak_bytes === null || peak_bytes > 1e7, true);
  assertEquals(
    absent.map(({ system, work, reason }) => [
      system,
      work,
      reason.replace(/:.*/, ""),
    ]).toSorted(),
    [
      ["pytorch", "cohort", "Failed to spawn '/no/such/python3'"],
      ["pytorch", "matmul", "Failed to spawn '/no/such/python3'"],
      ["tfjs", "cohort", "it trains no cohorts"],
      ["tfjs", "cohort", "no such device"],
      ["tfjs", "matmul", "no such device"],
    ],
  );
});

Deno.test("a peak is read in bytes from Linux's status, null where there is none", async () => {
  const status = "Name:\tdeno\nVmPeak:\t  900 kB\nVmHWM:\t  512 kB\n";
  assertEquals(readStatusBytes(status, "VmHWM"), 512 * 1024);
  assertEquals(readStatusBytes("Name:\tdeno\n", "VmHWM"), null);
  assertEquals(await peakMemory(2 ** 30), null);
});
