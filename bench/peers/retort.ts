// Retort as a peer of the benchmark: `deno run retort.ts webgpu|wasm FOLDER`,
// with the folder of what is measured of WebGPU adapters.
import { selectBackend } from "../../core/device/select_backend.ts";
import { forward } from "../../core/models/forward.ts";
import { initialWeights } from "../../core/models/initialise.ts";
import type { LayerSpec, ModelSpec } from "../../core/models/spec.ts";
import { studentSpec } from "../../core/models/student.ts";
import { teacherSpec } from "../../core/models/teacher.ts";
import { cutModel } from "../../core/models/trunk.ts";
import type { FloatArray } from "../../core/files/safetensors.ts";
import * as tf from "../../core/tf.ts";
import { toTensor } from "../../core/train/training_state.ts";
import { VERSION } from "../../core/version.ts";
import { STUDENT_HIDDEN, type Task } from "../task.ts";
import { randomValues } from "./random_values.ts";
import { servePeer, type TimedRun, timeOnce } from "./serve_peer.ts";

const [backend, folder] = Deno.args;

function matmul(size: number): TimedRun {
  const shape: [number, number] = [size, size];
  const [a, b] = ["a", "b"].map((name) =>
    tf.tensor2d(randomValues(size * size, name), shape)
  );
  return () =>
    timeOnce(async () => {
      const product = tf.matMul(a, b);
      const corner = tf.slice(product, [0, 0], [1, 1]);
      await corner.data();
      tf.dispose([product, corner]);
    });
}

/** Feeds `batch` images forward, from an array in memory to another. */
function feed(
  layers: LayerSpec[],
  weights: FloatArray[],
  batch: number,
): TimedRun {
  const tensors = weights.map(toTensor);
  const pixels = randomValues(batch * 784, "images");
  return () =>
    timeOnce(async () => {
      const output = tf.tidy(() =>
        forward(layers, tensors, tf.tensor(pixels, [batch, 28, 28, 1]))
      );
      await output.data();
      output.dispose();
    });
}

function feedModel(spec: ModelSpec, batch: number): TimedRun {
  return feed(spec.layers, initialWeights(spec, 1), batch);
}

async function prepare(task: Task): Promise<TimedRun> {
  switch (task.work) {
    case "matmul":
      return matmul(task.size);
    case "teacher-step": {
      // Loaded when asked for, here and below: memory is measured too.
      const { prepareTeacherStep } = await import("./retort_teacher_step.ts");
      return await prepareTeacherStep(task.batch);
    }
    case "feature-extraction": {
      const spec = teacherSpec();
      const { trunk, trunkWeights } = cutModel(spec, initialWeights(spec, 1));
      return feed(trunk, trunkWeights, task.batch);
    }
    case "inference":
      return task.model === "teacher"
        ? feedModel(teacherSpec(), task.batch)
        : feedModel(studentSpec({ hidden: STUDENT_HIDDEN }), task.batch);
    case "compact-load":
    case "compact-inference": {
      const { prepareRetortCompact } = await import("./retort_compact.ts");
      return await prepareRetortCompact(task);
    }
    case "cohort": {
      const { prepareCohorts } = await import("./retort_cohorts.ts");
      return await prepareCohorts(task);
    }
    case "compact-step": {
      const { prepareCompactStep } = await import("./retort_compact_step.ts");
      return prepareCompactStep(task);
    }
    case "student-step":
      throw new Error("it trains students in cohorts");
    case "read-png":
    case "read-jpeg":
      throw new Error("it reads pictures in a process without a backend");
    case "black-box":
      throw new Error("they are asked by retort_box.ts");
  }
}

await servePeer({
  async start() {
    if (backend !== "webgpu" && backend !== "wasm") {
      throw new RangeError(`no such backend: ${backend}`);
    }
    const { adapter } = await selectBackend(backend, {
      tuning: { folder, measure: true },
    });
    return { version: VERSION, adapter };
  },
  prepare,
});
