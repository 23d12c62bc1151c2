import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { Constraint } from "../../../core/train/constraints/constraint.ts";
import { encodeWeights } from "../../../core/train/constraints/encode_weights.ts";
import { measureRate } from "../../../core/train/constraints/measure_rate.ts";
import { differentiateHere } from "../../../core/train/differentiate.ts";
import { evaluateModel } from "../../../core/train/evaluate_model.ts";
import {
  imageLearner,
  type ImageTask,
} from "../../../core/train/image_learner.ts";
import { startShardWorkers } from "../../../core/train/start_shard_workers.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import * as tf from "../../../core/tf.ts";
import { TINY_MODEL, tinyDigits } from "./tiny_digits.ts";

await useWasm();

const BITS4 = {
  kind: "uniform",
  bits: 4,
  perChannel: true,
  powerOfTwo: false,
} as const;
const CONSTRAINTS: Constraint[] = [
  BITS4,
  { kind: "half" },
  { ...BITS4, bits: 2, perChannel: false, powerOfTwo: true },
  { kind: "free" },
];
const TASK: ImageTask = {
  spec: TINY_MODEL,
  training: { examples: tinyDigits(0, 400) },
  validation: { examples: tinyDigits(400, 100) },
  loss: { kind: "cross-entropy" },
  seed: 1,
  constraints: CONSTRAINTS,
  ratePenalty: 0.1,
};
const SPEC: TrainingSpec = {
  seed: 1,
  epochs: 4,
  batchSize: 16,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.02 },
  averaging: { decay: 0.9 },
};
const BATCH = Uint32Array.of(3, 1, 4, 15, 9, 2, 6);

Deno.test("what is validated is what a file will hold: averaged, then held to its bits", async () => {
  const { weights, members } = await train(imageLearner(TASK), SPEC);
  const encoded = encodeWeights(
    CONSTRAINTS,
    weightShapes(TINY_MODEL),
    weights,
  );
  const tensors = encoded.map((tensor) => toTensor(decodeTensor(tensor)));
  const { score } = await evaluateModel(TINY_MODEL, tensors, TASK.validation);
  const { epochs, bestEpoch } = members[0];
  assertEquals(epochs[bestEpoch - 1].validation, score);
  assert(score.accuracy > 0.5);
});

Deno.test("the rate penalty λ adds λ · measureRate to the loss, whole or in shards", async () => {
  const { constraints = [], ratePenalty = 0 } = TASK;
  const learner = imageLearner(TASK);
  const plain = imageLearner({ ...TASK, ratePenalty: 0 });
  const weights = learner.initial.map(toTensor);
  const lossOf = async ({ feed }: typeof learner) =>
    (await feed(weights, BATCH, 1).losses.data())[0];
  const [rate] = await measureRate(constraints, weights).data();
  const expected = await lossOf(plain) + ratePenalty * rate;
  assertAlmostEquals(await lossOf(learner), expected, 1e-5);

  const whole = await differentiateHere(learner)(weights, BATCH, 1);
  using workers = await startShardWorkers(learner, TASK, 2);
  const shared = await workers.differentiate(weights, BATCH, 1);
  assertAlmostEquals(
    (await shared.outcome.data())[0] / BATCH.length,
    expected,
    1e-5,
  );
  for (const [index, gradient] of whole.gradients.entries()) {
    const values = await gradient.data();
    (await shared.gradients[index].data()).forEach((value, i) =>
      assertAlmostEquals(value, values[i], 1e-4)
    );
  }
});

Deno.test("a checkpoint tells constraints apart, masks included", () => {
  const mask = new Uint8Array(3 * 3 * 8).fill(1);
  const identityWith = (first: Constraint) =>
    imageLearner({
      ...TASK,
      constraints: [first, ...CONSTRAINTS.slice(1)],
    }).identity;
  const masked = identityWith({ ...BITS4, mask });
  assertEquals(identityWith({ ...BITS4, mask: mask.slice() }), masked);
  assertNotEquals(identityWith({ ...BITS4, mask: mask.with(3, 0) }), masked);
  assertNotEquals(identityWith(BITS4), masked);
  assertNotEquals(
    imageLearner({ ...TASK, ratePenalty: 0 }).identity,
    imageLearner(TASK).identity,
  );
});

Deno.test("images that tell their identity aren't read for it", () => {
  const examples = tinyDigits(0, 4);
  const identityOf = (identity: string, first: number) =>
    imageLearner({
      ...TASK,
      training: {
        examples: { ...examples, images: examples.images.with(0, first) },
        identity,
      },
    }).identity;
  assertEquals(identityOf("a", 1), identityOf("a", 2));
  assertNotEquals(identityOf("a", 1), identityOf("b", 1));
});

Deno.test("imageLearner refuses constraints that don't fit, and a negative penalty", () => {
  assertThrows(
    () => imageLearner({ ...TASK, constraints: [BITS4] }),
    RangeError,
    "Cannot constrain weights",
  );
  assertThrows(
    () => imageLearner({ ...TASK, ratePenalty: -1 }),
    RangeError,
    "`ratePenalty` must be ≥ 0: current value is -1",
  );
});

Deno.test("a constrained learner leaves no tensor behind", async () => {
  const learner = imageLearner(TASK);
  const weights = learner.initial.map(toTensor);
  const before = tf.memory().numTensors;
  const { gradients, outcome } = await differentiateHere(learner)(
    weights,
    BATCH,
    0,
  );
  tf.dispose([gradients, outcome]);
  await learner.validate(weights);
  assertEquals(tf.memory().numTensors, before);
});
