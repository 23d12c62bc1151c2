import { COMPACT_CONFIGURATION } from "../../core/compress/compact/compact_configuration.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findOpenblas, nativeEnvironment } from "../../bench/native_blas.ts";
import { type Peer, startPeer } from "../../bench/peer_process.ts";
import {
  findPython,
  listCompactSystems,
  listSystems,
  type SystemName,
} from "../../bench/system.ts";
import type { Task } from "../../bench/task.ts";
import { cohortStudents } from "../../bench/work.ts";
import { smallDram } from "../core/infer/small_model.ts";

const python = await findPython("torch");
const { success: hasTorch } = await new Deno.Command(python, {
  args: ["-c", "import torch"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

const openblas = await findOpenblas();

/** ONNX Runtime's package, by its own lock file: fetched here, if it can be. */
const { success: hasOnnxRuntime } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["cache", "--no-config", "--node-modules-dir=none", "--frozen"],
    `--lock=${
      fileURLToPath(
        new URL(
          "../../core/runtimes/onnxruntime_web.lock",
          import.meta.url,
        ),
      )
    }`,
    "npm:onnxruntime-web@1.30.0",
  ],
  stdout: "null",
  stderr: "null",
}).output();

/** What every peer does, but for small batches. */
const SHARED: Task[] = [
  { work: "matmul", size: 32 },
  { work: "teacher-step", batch: 4 },
  { work: "feature-extraction", batch: 4 },
  { work: "inference", model: "teacher", batch: 4 },
  { work: "inference", model: "student", batch: 1 },
];
const STUDENT_STEP: Task = { work: "student-step", batch: 4, hidden: 2 };
const COHORT: Task = {
  work: "cohort",
  batch: 4,
  students: cohortStudents(24).filter(({ hidden }) => hidden < 3),
  alone: false,
};

function systemsOn(name: SystemName) {
  return listSystems({
    names: [name],
    backends: ["wasm"],
    native: {
      python,
      threads: 2,
      environment: nativeEnvironment(Deno.env.toObject(), {
        threads: 2,
        openblas,
      }),
    },
    tuning: "/no/folder",
    hardware: false,
  });
}

function start(name: SystemName): Promise<Peer> {
  return startPeer(systemsOn(name)[0]);
}

/** Both parts of a small compact model's training. */
const COMPACT_STEPS: Task[] = (["float", "quantised"] as const).map((
  phase,
) => ({
  work: "compact-step",
  batch: 8,
  spec: parseLayers("conv5x2/2,max2,conv3x3"),
  configuration: { ...COMPACT_CONFIGURATION, batchSize: 8 },
  phase,
}));

/** Asserts that `peer` takes a time for each of `tasks`, more than once. */
async function assertTimes(peer: Peer, tasks: Task[]): Promise<void> {
  for (const task of tasks) {
    for (let run = 0; run < 2; run++) {
      assertEquals(await peer.run(task) > 0, true, task.work);
    }
  }
}

Deno.test("Retort times all but a student's own step, cohorts on real features too", async () => {
  await using peer = await start("retort");
  await assertTimes(peer, [
    ...SHARED,
    COHORT,
    { ...COHORT, alone: true },
    ...COMPACT_STEPS,
  ]);
  await assertRejects(() => peer.run(STUDENT_STEP), Error, "cohorts");
});

Deno.test("stock tfjs can't train convolutions on Wasm, as its kernels are", async () => {
  await using peer = await start("tfjs");
  const [matmul, step, ...forward] = SHARED;
  await assertTimes(peer, [matmul, ...forward, STUDENT_STEP]);
  await assertRejects(() => peer.run(step), Error, "Conv2DBackpropFilter");
  await assertRejects(() => peer.run(COHORT), Error, "one student");
});

Deno.test({
  name: "PyTorch times what is shared (needs python3-torch)",
  ignore: !hasTorch,
  async fn() {
    await using peer = await start("pytorch");
    assertEquals(peer.threads, 2);
    if (openblas) assertMatch(peer.blas ?? "", /^OpenBLAS \d+\.\d+\.\d+ \(/);
    await assertTimes(peer, [...SHARED, ...COMPACT_STEPS]);
    await assertRejects(() => peer.run(COHORT), Error, "isn't asked for");
  },
});

/** A small `.dram` file's tasks: loading it, one image, and a batch of more than there are. */
async function compactTasks(): Promise<Task[]> {
  const file = await Deno.makeTempFile({ suffix: ".dram" });
  await Deno.writeFile(file, smallDram());
  const images = Array.from({ length: 2 * 784 }, (_, index) => index % 256);
  const task = { file, images, multiplyAdds: 1 };
  return [
    { work: "compact-load", ...task },
    { work: "compact-inference", ...task },
    { work: "compact-inference", ...task, batch: 5 },
  ];
}

Deno.test("Retort and stock tfjs load and run a .dram file, on the direct path and on backends", async () => {
  const tasks = await compactTasks();
  const systems = (["retort", "tfjs"] as const).flatMap((name) =>
    listCompactSystems(systemsOn(name))
  );
  assertEquals(
    systems.map(({ name, backend }) => `${name} ${backend}`),
    ["retort direct", "retort wasm", "tfjs cpu", "tfjs wasm"],
  );
  for (const system of systems) {
    await using peer = await startPeer(system);
    await assertTimes(peer, tasks);
  }
});

Deno.test({
  name:
    "ONNX Runtime's Wasm answers as we do on all threads, and trains nothing (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  async fn() {
    const system = systemsOn("onnxruntime-web");
    assertEquals(listCompactSystems(system), system);
    await using peer = await start("onnxruntime-web");
    assertEquals([peer.version, peer.threads], ["1.30.0", 2]);
    const [matmul, step, ...forward] = SHARED;
    // A depthwise convolution padded to "same", and a mean, among them.
    await assertTimes(peer, [matmul, ...forward, ...await compactTasks()]);
    await assertRejects(() => peer.run(step), Error, "trains nothing");
  },
});

/** Processes, of which more than half hung where memory grew below a thread. */
const PROCESSES = 4;
/** Far longer than the first run takes on a busy machine, in ms. */
const FIRST_RUN_MS = 100_000;

Deno.test({
  name:
    "ONNX Runtime's threads all live through a first run that takes much memory (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  async fn() {
    const task: Task = { work: "feature-extraction", batch: 128 };
    for (let count = 0; count < PROCESSES; count++) {
      await using peer = await start("onnxruntime-web");
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => late.reject(new Error("no answer")),
        FIRST_RUN_MS,
      );
      const runs = assertTimes(peer, [task, task]);
      await Promise.race([runs, late.promise])
        .finally(() => clearTimeout(timer));
    }
  },
});
