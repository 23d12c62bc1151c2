import { assertEquals, assertRejects } from "@std/assert";
import { type Peer, startPeer } from "../../../core/bench/peer_process.ts";
import {
  findPython,
  listCompactSystems,
  listSystems,
  type SystemName,
} from "../../../core/bench/system.ts";
import type { Task } from "../../../core/bench/task.ts";
import { cohortStudents } from "../../../core/bench/work.ts";
import { smallDram } from "../infer/small_model.ts";

const python = await findPython();
const { success: hasTorch } = await new Deno.Command(python, {
  args: ["-c", "import torch"],
  stdout: "null",
  stderr: "null",
}).output().catch(() => ({ success: false }));

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
    python,
    tuning: "/no/folder",
    hardware: false,
  });
}

function start(name: SystemName): Promise<Peer> {
  return startPeer(systemsOn(name)[0]);
}

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
  await assertTimes(peer, [...SHARED, COHORT, { ...COHORT, alone: true }]);
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
    await assertTimes(peer, SHARED);
    await assertRejects(() => peer.run(COHORT), Error, "isn't asked for");
  },
});

Deno.test("Retort and stock tfjs load and run a .dram file, on the direct path and on backends", async () => {
  const file = await Deno.makeTempFile({ suffix: ".dram" });
  await Deno.writeFile(file, smallDram());
  const images = Array.from({ length: 2 * 784 }, (_, index) => index % 256);
  const tasks = (["compact-load", "compact-inference"] as const)
    .map((work) => ({ work, file, images, multiplyAdds: 1 }));
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
