import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import { selectExamples } from "../../core/data/dataset.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { openCohort } from "../../core/distill/cohort.ts";
import { extractFeatures } from "../../core/distill/extract_features.ts";
import type { FeatureStore } from "../../core/distill/feature_store.ts";
import { holdTrainingFeatures } from "../../core/distill/resident_features.ts";
import { loadShippedTeacher } from "../../core/models/shipped_teacher.ts";
import type { StudentConfig } from "../../core/distill/student_config.ts";
import { cohortLimits } from "../../core/sweep/plan_cohorts.ts";
import { planCohorts } from "../../core/sweep/plan_cohorts.ts";
import * as tf from "../../core/tf.ts";
import { pausingTraining } from "./pausing_training.ts";
import type { TimedRun } from "./serve_peer.ts";

/** Steps a run of each cohort. */
const STEPS = 4;

let opened: Promise<FeatureStore> | undefined;

/** The shipped teacher's features of as many of MNIST's images as a run reads. */
async function openFeatures(count: number): Promise<FeatureStore> {
  const [teacher, mnist] = await Promise.all([
    loadShippedTeacher(),
    loadMnist(),
  ]);
  const split = splitDataset(mnist, defaultSplit(mnist));
  const first = (length: number) => Array.from({ length }, (_, i) => i);
  const cache = await Deno.makeTempDir({ prefix: "retort-bench-" });
  try {
    const store = await extractFeatures(teacher, {
      ...split,
      train: selectExamples(split.train, first(count)),
      validation: selectExamples(split.validation, first(1)),
      test: selectExamples(split.test, first(1)),
    }, { cache, backend: "wasm", workers: 1 });
    const held = await holdTrainingFeatures(store);
    // Cohorts open its files until the process ends.
    addEventListener(
      "unload",
      () => Deno.removeSync(cache, { recursive: true }),
    );
    return held;
  } catch (error) {
    await Deno.remove(cache, { recursive: true });
    throw error;
  }
}

const ADAM = { kind: "adam" } as const;

/** Each cohort's training, ready to go on; a run is some steps of every one. */
export async function prepareCohorts(
  { batch, students, alone }: {
    batch: number;
    students: StudentConfig[];
    alone: boolean;
  },
): Promise<TimedRun> {
  opened ??= openFeatures(batch * STEPS);
  const store = await opened;
  const cohorts = alone
    ? students.map((each) => [each])
    : planCohorts(students, {
      ...store,
      training: { batchSize: batch, optimiser: ADAM },
      limits: await cohortLimits(backendInUse()),
      workers: 1,
    });
  const runs = cohorts.map((members) =>
    pausingTraining(openCohort(store, members), {
      seed: members[0].seed,
      batchSize: batch,
      optimiser: ADAM,
    })
  );
  return async () => {
    let milliseconds = 0;
    for (const run of runs) milliseconds += await run();
    return milliseconds;
  };
}

function backendInUse(): "webgpu" | "wasm" {
  return tf.getBackend() === "webgpu" ? "webgpu" : "wasm";
}
