/**
 * The experiment on a scale of seconds: real MNIST digits averaged to 10×10, a
 * teacher with a twentieth of the filters, trained for a moment.
 *
 * @module
 */
import {
  type Dataset,
  type Examples,
  hashValues,
  selectExamples,
} from "../../../core/data/dataset.ts";
import { loadMnist } from "../../../core/data/mnist.ts";
import { type SplitDataset, splitDataset } from "../../../core/data/split.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import {
  extractFeatures,
  type ExtractOptions,
} from "../../../core/distill/extract_features.ts";
import type { FeatureStore } from "../../../core/distill/feature_store.ts";
import {
  type LoadedModel,
  loadModel,
} from "../../../core/models/formats/load_model.ts";
import { makeManifest } from "../../../core/models/manifest.ts";
import { saveModel } from "../../../core/models/save_model.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { imageLearner } from "../../../core/train/image_learner.ts";
import { ensureSelfTest } from "../../../core/train/self_test.ts";
import { train, type TrainingSpec } from "../../../core/train/train.ts";
import { scoreBest } from "../../../core/train/train_teacher.ts";

const SIZE = 10;

/** The middle 20×20 pixels of the first `count` digits, averaged by twos each way. */
function shrink(
  digits: Examples<Uint8Array>,
  count: number,
): Examples<Uint8Array> {
  const indices = Array.from({ length: count }, (_, index) => index);
  const { images: large, labels } = selectExamples(digits, indices);
  const images = Uint8Array.from({ length: count * SIZE ** 2 }, (_, i) => {
    const image = Math.floor(i / SIZE ** 2);
    const row = 4 + 2 * Math.floor(i / SIZE % SIZE);
    const first = image * 784 + row * 28 + 4 + 2 * (i % SIZE);
    return (large[first] + large[first + 1] + large[first + 28] +
      large[first + 29]) / 4;
  });
  return { count, shape: [SIZE, SIZE, 1], images, labels };
}

/** 600 digits to learn from, 120 to choose by, 150 to report, divided by `seed`. */
export async function tinyDataset(seed = 0): Promise<SplitDataset> {
  const mnist = await loadMnist();
  const train = shrink(mnist.train, 720);
  const test = shrink(mnist.test, 150);
  const dataset: Dataset = {
    name: "tiny",
    shape: train.shape,
    classes: 10,
    classNames: [..."0123456789"],
    augmentation: "digits",
    train,
    test,
    sha256: { train: hashValues(train.images), test: hashValues(test.images) },
  };
  return splitDataset(dataset, { seed, validation: 120 });
}

/** Two convolutions to 81 features, an odd number, and two dense layers. */
const TEACHER: ModelSpec = {
  name: "tiny-teacher",
  input: [SIZE, SIZE, 1],
  layers: [
    { kind: "conv2d", name: "conv1", filters: 6, size: 3, activation: "relu" },
    { kind: "conv2d", name: "conv2", filters: 9, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout1", rate: 0.25 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "dense1", units: 32, activation: "relu" },
    { kind: "dense", name: "logits", units: 10, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** How a tiny teacher or student is trained. */
export const TINY_TRAINING: Omit<TrainingSpec, "seed"> = {
  epochs: 3,
  batchSize: 50,
  patience: 5,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 0.01 },
};

/** Trains a teacher on `dataset`, and writes it to `folder`. */
export async function makeTinyTeacher(
  folder: string,
  dataset: SplitDataset,
  seed = 1,
): Promise<LoadedModel> {
  await useWasm();
  await ensureSelfTest(); // once here, or each worker does it again
  const learner = imageLearner({
    spec: TEACHER,
    training: { examples: dataset.train },
    validation: { examples: dataset.validation },
    loss: { kind: "cross-entropy" },
    seed,
  });
  const configuration = { ...TINY_TRAINING, epochs: 10, seed };
  const { weights, members: [record] } = await train(learner, configuration);
  const scores = await scoreBest({ spec: TEACHER, weights, record, dataset });
  const backend = { name: "wasm", adapter: null, reason: "" } as const;
  const manifest = { spec: TEACHER, configuration, backend, dataset, scores };
  await saveModel(folder, weights, makeManifest(manifest));
  return await loadModel(folder);
}

/** A folder with a teacher in it, and all that is made from that. */
export interface TinyExperiment {
  folder: string;
  dataset: SplitDataset;
  teacher: LoadedModel;
  /** Where {@linkcode extractTiny} keeps features. */
  cache: string;
}

/** Makes dataset and teacher, in a temporary folder that is removed at the end. */
export async function makeTinyExperiment(): Promise<TinyExperiment> {
  const folder = await Deno.makeTempDir();
  addEventListener(
    "unload",
    () => Deno.removeSync(folder, { recursive: true }),
  );
  const dataset = await tinyDataset();
  const teacher = await makeTinyTeacher(`${folder}/teacher`, dataset);
  return { folder, dataset, teacher, cache: `${folder}/features` };
}

/** The experiment's features and logits. */
export function extractTiny(
  { dataset, teacher, cache }: TinyExperiment,
  options: Partial<ExtractOptions> = {},
): Promise<FeatureStore> {
  const backend = "wasm";
  return extractFeatures(teacher, dataset, {
    cache,
    backend,
    workers: 1, // starting one takes longer than its work
    ...options,
  });
}
