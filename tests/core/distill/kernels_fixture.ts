/**
 * A worker for stock_kernels_test.ts: trains students on some of
 * MNIST, features included, on tfjs's Wasm backend with its own kernels or ours.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { gatherImages } from "../../../core/data/batches.ts";
import {
  type Dataset,
  type Examples,
  selectExamples,
} from "../../../core/data/dataset.ts";
import { loadMnist } from "../../../core/data/mnist.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import { openCohort } from "../../../core/distill/cohort.ts";
import { writeFeatureRows } from "../../../core/distill/feature_file.ts";
import {
  type FeaturePart,
  type FeatureStore,
  PART_PRECISION,
  type PartName,
} from "../../../core/distill/feature_store.ts";
import { holdTrainingFeatures } from "../../../core/distill/resident_features.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { forward } from "../../../core/models/forward.ts";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import { type CutModel, cutModel } from "../../../core/models/trunk.ts";
import * as tf from "../../../core/tf.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import { serveTask } from "../../../core/workers/serve_task.ts";

/** What to train. */
export interface KernelsTask {
  kernels: "stock" | "ours";
  members: StudentConfig[];
  training: Omit<TrainingSpec, "seed">;
}

/** Images of each part. */
const COUNTS = { train: 1000, validation: 200, test: 400 };

/** The first images of each part; those to validate by follow those to train by. */
function takeImages({ train, test }: Dataset, part: PartName): Examples {
  const source = part === "test" ? test : train;
  const first = part === "validation" ? COUNTS.train : 0;
  const indices = Array.from(
    { length: COUNTS[part] },
    (_, index) => first + index,
  );
  return selectExamples(source, indices);
}

async function computePart(
  cut: CutModel,
  examples: Examples,
  part: PartName,
  folder: string,
): Promise<FeaturePart> {
  const { count, labels, shape } = examples;
  const path = `${folder}/${part}`;
  const precision = PART_PRECISION[part];
  const logits = new Float32Array(count * 10);
  const checksums = new Uint32Array(count);
  using file = await Deno.open(path, { write: true, create: true });
  const [trunk, head] = [
    cut.trunkWeights.map(toTensor),
    cut.headWeights.map(toTensor),
  ];
  for (let start = 0; start < count; start += 100) {
    const indices = Array.from({ length: 100 }, (_, i) => start + i);
    const [features, answers] = tf.tidy(() => {
      const bytes = gatherImages(examples, indices);
      const x = tf.div(
        tf.tensor(Float32Array.from(bytes), [100, ...shape]),
        255,
      );
      const features = forward(cut.trunk, trunk, x);
      return [features, forward(cut.head, head, features)];
    });
    const values = new Float32Array(await features.data<"float32">());
    const rows = { start, width: cut.features, values };
    checksums.set(writeFeatureRows(file, precision, rows), start);
    logits.set(await answers.data(), start * 10);
    tf.dispose([features, answers]);
  }
  return { count, path, precision, checksums, labels, logits };
}

serveTask<KernelsTask, never, number[]>(
  async ({ kernels, members, training }) => {
    if (kernels === "ours") await useWasm();
    else {
      tf.setWasmPaths(tf.wasmBinaryFolder());
      await tf.setBackend("wasm");
    }
    assertEquals(
      tf.getKernel("RetortAdam", "wasm") !== undefined,
      kernels === "ours",
    );
    const { spec, weights } = await loadModel("models/teacher");
    const cut = cutModel(spec, weights);
    const mnist = await loadMnist();
    const folder = await Deno.makeTempDir();
    const compute = (part: PartName) =>
      computePart(cut, takeImages(mnist, part), part, folder);
    const store: FeatureStore = {
      width: cut.features,
      classes: 10,
      parts: {
        train: await compute("train"),
        validation: await compute("validation"),
        test: await compute("test"),
      },
    };
    const held = await holdTrainingFeatures(store);
    const accuracies = new Map<StudentConfig, number>();
    for (const [seed, group] of Map.groupBy(members, ({ seed }) => seed)) {
      using cohort = openCohort(held, group);
      const { weights } = await train(cohort, { ...training, seed });
      const tests = await cohort.test(weights);
      tests.forEach(({ score }, member) =>
        accuracies.set(group[member], score.accuracy)
      );
    }
    await Deno.remove(folder, { recursive: true });
    return members.map((member) => accuracies.get(member) ?? NaN);
  },
);
