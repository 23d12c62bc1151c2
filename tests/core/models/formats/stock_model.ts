/**
 * Models as stock tfjs makes and saves them, and what becomes of them here.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { prepareDirect } from "../../../../core/infer/load.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { forward } from "../../../../core/models/forward.ts";
import { collectArtifacts } from "../../../../core/models/save_model.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";

const { layers } = tf;
export const CLASSES = 3;

/** A model of layers in a row, which reads `inputShape`. */
export function row(
  inputShape: number[],
  ...rest: tf.layers.Layer[]
): tf.LayersModel {
  const model = tf.sequential();
  model.add(layers.inputLayer({ inputShape }));
  for (const layer of rest) model.add(layer);
  return model;
}

export const IMAGE = [9, 8, 2];
export const conv = (more: object = {}) =>
  layers.conv2d({ filters: 4, kernelSize: 3, ...more });
export const flat = () => layers.flatten();
export const logits = (more: object = {}) =>
  layers.dense({ units: CLASSES, ...more });
/** What ends a model of an image. */
export const end = () => [flat(), logits({ activation: "softmax" })];
export const normal = (more: object = {}) => layers.batchNormalization(more);

/** A graph of what `make` makes of an input. */
export function graph(
  make: (input: tf.SymbolicTensor) => tf.SymbolicTensor,
  shape = IMAGE,
): tf.LayersModel {
  const inputs = tf.input({ shape });
  return tf.model({ inputs, outputs: make(inputs) });
}

export const apply = (
  layer: tf.layers.Layer,
  x: tf.SymbolicTensor | tf.SymbolicTensor[],
) => layer.apply(x) as tf.SymbolicTensor;

export const through = (x: tf.SymbolicTensor, ...each: tf.layers.Layer[]) =>
  each.reduce((read, layer) => apply(layer, read), x);

/** Weights that count, and spreads that are above 0. */
function drawWeights(model: tf.LayersModel): void {
  const random = randomStream(11, "stock");
  model.setWeights(
    model.getWeights().map(({ shape }, index) => {
      const variance = model.weights[index].originalName.includes("variance");
      const size = shape.reduce((a, b) => a * b, 1);
      return tf.tensor(
        Float32Array.from(
          { length: size },
          () => variance ? 0.2 + random.uniform() : random.uniform() - 0.5,
        ),
        shape,
        "float32",
      );
    }),
  );
}

/** The folder of `model`, as it is saved. */
async function save(model: tf.LayersModel): Promise<string> {
  const folder = await Deno.makeTempDir();
  const { json, data } = await collectArtifacts(model);
  await Deno.writeTextFile(`${folder}/model.json`, json);
  await Deno.writeFile(`${folder}/weights.bin`, data);
  return folder;
}

const IMAGES = 5;

/** Throws unless what `make` gives is loaded, and answers as in stock tfjs. */
export async function assertAlike(
  what: string,
  make: () => tf.LayersModel,
): Promise<void> {
  await tf.setBackend("cpu");
  const model = make();
  drawWeights(model);
  const folder = await save(model);
  const { spec, weights, ends } = await loadModel(folder);
  await Deno.remove(folder, { recursive: true });
  const shape = model.inputs[0].shape.slice(1).map(Number);
  const size = shape.reduce((a, b) => a * b);
  assertEquals(spec.input.reduce((a, b) => a * b), size);
  const random = randomStream(12, "pixels");
  const pixels = Float32Array.from(
    { length: IMAGES * size },
    () => random.uniform(),
  );
  const [stock] = [model.predict(tf.tensor(pixels, [IMAGES, ...shape]))]
    .flat();
  const given = Float32Array.from(await stock.data());
  const sums = given.slice(0, CLASSES).reduce((a, b) => a + b);
  const isProbability = given.every((p) => p >= 0) &&
    Math.abs(sums - 1) < 1e-4;
  const isLog = what.startsWith("log");
  const tensors = weights.map(({ shape, values }) => tf.tensor(values, shape));
  const own = await forward(
    spec.layers,
    tensors,
    tf.tensor(pixels, [IMAGES, ...spec.input]),
  ).data();
  const labels = Array.from({ length: CLASSES }, (_, label) => `${label}`);
  const direct = prepareDirect(spec, weights, labels);
  const answers = direct.classify(pixels);
  for (let i = 0; i < given.length; i++) {
    // Stock tfjs says more than classes: which numbers.
    const wanted = given[i];
    const found = ends === "one sigmoid"
      ? answers.probabilities[2 * i + 1]
      : ends === "sigmoids"
      ? 1 / (1 + Math.exp(-answers.logits[i]))
      : isProbability
      ? answers.probabilities[i]
      : isLog
      ? Math.log(answers.probabilities[i])
      : answers.logits[i];
    assert(
      Math.abs(found - wanted) < 1e-4,
      `${what}: ${found}, not ${wanted}`,
    );
  }
  answers.logits.forEach((logit, i) =>
    assert(Math.abs(own[i] - logit) < 1e-4, what)
  );
  if (what.includes("sigmoid at the end")) assert(ends, what);
  model.dispose();
  tf.disposeVariables();
}

/** Throws unless what `make` gives is refused in words, `message` being some of them. */
export async function assertRefused(
  make: () => tf.LayersModel,
  message: string,
): Promise<void> {
  await tf.setBackend("cpu");
  const model = make();
  const folder = await save(model);
  const error = await assertRejects(() => loadModel(folder), Error, message);
  assert(/^Cannot load .+; /.test(error.message), error.message);
  await Deno.remove(folder, { recursive: true });
  model.dispose();
  tf.disposeVariables();
}
