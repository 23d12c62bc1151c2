import { assert, assertEquals } from "@std/assert";
import { assertDeviceHealthy } from "../../../core/device/health.ts";
import { selectBackend } from "../../../core/device/select_backend.ts";
import { openCohort } from "../../../core/distill/cohort.ts";
import { cutMember } from "../../../core/distill/cohort_weights.ts";
import { holdTrainingFeatures } from "../../../core/distill/resident_features.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import type { BackendChoice } from "../../../core/device/select_backend.ts";
import * as tf from "../../../core/tf.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { hasAdapter } from "../../vulkan.ts";
import { thinStore } from "./thin_store.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";

const store = await holdTrainingFeatures(
  await thinStore(await extractTiny(await makeTinyExperiment())),
);

const MIXED: StudentConfig[] = [
  { hidden: 5, dropout: 0.3, loss: { kind: "logit-mse" }, seed: 7 },
  { hidden: 2, dropout: 0.3, loss: { kind: "cross-entropy" }, seed: 7 },
  { hidden: 3, dropout: 0.3, loss: { kind: "cross-entropy" }, seed: 7 },
];
const SPEC: TrainingSpec = {
  seed: 7,
  epochs: 2,
  batchSize: 60,
  patience: 5,
  optimiser: { kind: "adam" },
  schedule: { kind: "constant", rate: 0.003 },
};

async function trainOn(backend: BackendChoice) {
  await selectBackend(backend);
  using cohort = openCohort(store, MIXED);
  const { weights, members } = await train(cohort, SPEC);
  const heads = MIXED.map((_, member) =>
    cutMember(cohort.layout, weights, member)
  );
  return { heads, members, tests: await cohort.test(weights) };
}

Deno.test({
  name:
    "a mixed cohort learns the same on WebGPU as on Wasm (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    const wasm = await trainOn("wasm");
    const webgpu = await trainOn("webgpu");
    assertDeviceHealthy();
    wasm.heads.forEach((head, member) =>
      head.forEach(({ values }, index) => {
        const other = webgpu.heads[member][index].values;
        const most = Math.max(...values.map(Math.abs));
        values.forEach((value, i) =>
          // 20 steps in float32, whose sums are added in another order.
          assert(Math.abs(value - other[i]) <= 1e-3 * most, `${member}`)
        );
      })
    );
    wasm.tests.forEach(({ score }, member) =>
      assert(
        Math.abs(score.accuracy - webgpu.tests[member].score.accuracy) < 0.02,
      )
    );
  },
});

/** Bytes of GPU memory that tfjs holds, those of freed tensors included. */
function gpuBytes(): number {
  const memory = tf.memory();
  if ("numBytesAllocatedInGPU" in memory) {
    return Number(memory.numBytesAllocatedInGPU);
  }
  throw new Error("The backend must be WebGPU");
}

Deno.test({
  name:
    "a cohort on WebGPU holds no more GPU memory after 200 steps than after 40 (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const told: [number, number][] = [];
    using cohort = openCohort(store, MIXED);
    await train(cohort, { ...SPEC, epochs: 10, batchSize: 30, patience: 10 }, {
      onProgress: ({ kind, epoch }) => {
        // Buffers of the first validation come after the first epoch.
        if (kind === "step" && epoch > 1) {
          told.push([tf.memory().numTensors, gpuBytes()]);
        }
      },
    });
    assert(told.length >= 9);
    const [[tensors, bytes]] = told;
    for (const [nowTensors, nowBytes] of told) {
      assertEquals(nowTensors, tensors);
      // Some buffers come when, for the first time, not all students improve, or
      // more steps than before are queued. A batch's features, kept for each of
      // the 160 steps, would be seven times as much as all there is.
      assert(nowBytes <= 1.25 * bytes, `${nowBytes} after ${bytes}`);
    }
  },
});

Deno.test({
  name:
    "cohorts of many widths, one after another, leave no GPU memory behind (needs a Vulkan driver)",
  ignore: !hasAdapter,
  fn: async () => {
    await selectBackend("webgpu");
    const left: [number, number][] = [];
    for (let hidden = 1; hidden <= 8; hidden++) {
      const students = MIXED.map((student) => ({ ...student, hidden }));
      {
        using cohort = openCohort(store, students);
        await train(cohort, { ...SPEC, epochs: 1, batchSize: 200 });
      }
      left.push([tf.memory().numTensors, gpuBytes()]);
    }
    left.slice(1).forEach((each) => assertEquals(each, left[0]));
    assertDeviceHealthy();
  },
});
