import { assert } from "@std/assert";
import { openCohort } from "../../../core/distill/cohort.ts";
import { measureMemory } from "../../../core/distill/cohort_memory.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import * as tf from "../../../core/tf.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";

const store = await extractTiny(await makeTinyExperiment());

function students(widths: number[]): StudentConfig[] {
  return widths.map((hidden) => ({
    hidden,
    dropout: 0.2,
    loss: { kind: "logit-mse" },
    seed: 1,
  }));
}

const CASES: [StudentConfig[], number, TrainingSpec["optimiser"]][] = [
  [students([1]), 100, { kind: "adam" }],
  [students([400, 500]), 10, { kind: "adam" }],
  [students([400, 500]), 10, { kind: "adadelta" }],
  [students([300, 7, 300]), 60, { kind: "sgd" }],
  [students(new Array(40).fill(2)), 100, { kind: "adam" }],
];

for (const [members, batchSize, optimiser] of CASES) {
  const name = `${members.length} students of ${
    members[0].hidden
  } units, batches of ${batchSize}, ${optimiser.kind}`;
  Deno.test(`a step takes no more memory than measureMemory says, and not far less: ${name}`, async () => {
    const setting = { ...store, training: { batchSize, optimiser } };
    const { bytes } = measureMemory(members, setting);
    const few = { ...store.parts.train, count: 2 * batchSize };
    const parts = { ...store.parts, train: few };
    const { peakBytes } = await tf.profile(async () => {
      using cohort = openCohort({ ...store, parts }, members);
      const validate = () =>
        Promise.resolve(members.map(() => ({ loss: 0, accuracy: 0 })));
      await train({ ...cohort, validate }, {
        ...{ seed: 1, epochs: 1, patience: 1, batchSize, optimiser },
        schedule: { kind: "constant", rate: 1e-3 },
      });
      return tf.tensor1d([]);
    });
    assert(peakBytes <= bytes, `${peakBytes} of ${bytes}`);
    assert(peakBytes >= 0.5 * bytes, `${peakBytes} of ${bytes}`);
  });
}
