import { assert, assertEquals } from "@std/assert";
import { confirmDeviceHealthy } from "../../../core/device/health.ts";
import { openCohort } from "../../../core/distill/cohort.ts";
import type { StudentConfig } from "../../../core/distill/student_config.ts";
import { imageLearner } from "../../../core/train/image_learner.ts";
import { assertSelfTest } from "../../../core/train/self_test.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { hasAdapter } from "../../vulkan.ts";
import { extractTiny, makeTinyExperiment } from "../distill/tiny_experiment.ts";
import { TINY_MODEL, tinyDigits, tinyLearner } from "../train/tiny_digits.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { FEW_BINDINGS, useFewBindings } from "./few_bindings.ts";

/** 25 steps an epoch: more outcomes at a time than there may be bindings. */
const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 2,
  batchSize: 16,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "constant", rate: 0.01 },
  averaging: { decay: 0.9 },
};

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs a Vulkan driver)`,
    ignore: !hasAdapter,
    fn: async () => {
      const device = await useFewBindings();
      assertEquals(device.limits.maxStorageBuffersPerShaderStage, FEW_BINDINGS);
      await fn();
      await confirmDeviceHealthy();
    },
  });
}

test(
  "the self-test passes on a device with a browser's bindings",
  assertSelfTest,
);

for (const kind of ["adam", "adadelta", "sgd"] as const) {
  test(`a model trains with ${kind} on a device with a browser's bindings`, async () => {
    const { members: [{ epochs }] } = await train(tinyLearner(), {
      ...SPEC,
      optimiser: { kind },
    });
    assert(epochs[0].training.loss > 0);
  });
}

test("a model held to few bits trains on a device with a browser's bindings", async () => {
  const learner = imageLearner({
    spec: TINY_MODEL,
    training: { examples: tinyDigits(0, 400) },
    validation: { examples: tinyDigits(400, 100) },
    loss: { kind: "cross-entropy" },
    seed: 1,
    ratePenalty: 0.01,
    damping: { most: 0.1, steps: 50 },
    constraints: weightShapes(TINY_MODEL).map(({ length }) =>
      length === 1
        ? { kind: "half" }
        : { kind: "uniform", bits: 3, perChannel: true, powerOfTwo: false }
    ),
  });
  const { members: [{ epochs }] } = await train(learner, SPEC);
  assert(epochs[0].training.loss > 0);
});

test("a cohort of many trains on a device with a browser's bindings", async () => {
  const store = await extractTiny(await makeTinyExperiment());
  await useFewBindings();
  const members = Array.from({ length: 12 }, (_, index): StudentConfig => ({
    hidden: 2 + index % 3,
    dropout: 0.2,
    loss: { kind: "logit-mse" },
    seed: 1,
  }));
  using cohort = openCohort(store, members);
  const { weights, members: records } = await train(cohort, {
    ...SPEC,
    batchSize: 25,
  });
  const tests = await cohort.test(weights);
  assertEquals([records.length, tests.length], [12, 12]);
});
