/**
 * A model folder of 71 parameters, to load and to damage.
 *
 * @module
 */
import { initialWeights } from "../../../core/models/initialise.ts";
import type { Manifest } from "../../../core/models/manifest.ts";
import { saveModel } from "../../../core/models/save_model.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import * as tf from "../../../core/tf.ts";

await tf.setBackend("cpu");

/** One of every layer that specs know. */
export const SPEC: ModelSpec = {
  name: "tiny",
  input: [7, 6, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 2, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    { kind: "dropout", name: "dropout", rate: 0.5 },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "hidden", units: 4, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** Weights of the model, biases made non-zero so that they count. */
export const WEIGHTS = initialWeights(SPEC, 1).map(({ shape, values }) => ({
  shape,
  values: shape.length > 1 ? values : values.fill(0.1),
}));

/** How the model is said to have been made. */
export const MANIFEST: Manifest = {
  spec: SPEC,
  configuration: { epochs: 1 },
  backend: { name: "cpu", adapter: null },
  dataset: {
    name: "none",
    sha256: { file: "00" },
    split: { seed: 3, validation: 12 },
  },
  scores: {
    epoch: 1,
    validation: { accuracy: 0.5, loss: 1 },
    test: { accuracy: 0.25, loss: 2 },
  },
  versions: { retort: "0", deno: "0", tfjs: "0" },
  date: "2026-01-01",
};

/** A folder with the model in it, removed with the scope. */
export async function makeFolder(): Promise<
  AsyncDisposable & { folder: string }
> {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/model`;
  await saveModel(folder, WEIGHTS, MANIFEST);
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(parent, { recursive: true }),
  };
}
