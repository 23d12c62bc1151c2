import { countParameters } from "../../core/models/cost.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { recordedSplit } from "../../core/models/manifest.ts";
import * as tf from "../../core/tf.ts";
import { evaluateModel } from "../../core/train/evaluate_model.ts";
import { toTensor } from "../../core/train/training_state.ts";
import type { Io } from "../command.ts";
import {
  chooseExamples,
  fitToModel,
  loadData,
  unknownSplit,
} from "../options/data_options.ts";
import type { ScoredValues } from "../options/data_options.ts";
import { startBackend } from "./experiment.ts";
import type { Scored } from "./print_score.ts";

/** Scores a model folder or a file of Keras, on the part of the data that it was not trained on. */
export async function evaluateFolder(
  values: ScoredValues,
  io: Io,
): Promise<Scored> {
  const { file, split, backend: choice } = values;
  const model = await loadModel(file);
  const { spec } = model;
  const isKeras = /\.(h5|hdf5|keras)$/i.test(file);
  const dataset = fitToModel(model, await loadData(values, io), file);
  await startBackend(choice, io, { tune: false });
  const recorded = recordedSplit(model, dataset);
  if (!recorded && split !== "test") io.note(unknownSplit(file));
  const examples = chooseExamples(dataset, split, recorded);
  const weights = model.weights.map(toTensor);
  const { score } = await evaluateModel(spec, weights, { examples });
  tf.dispose(weights);
  return {
    file,
    format: isKeras ? "keras" : "tfjs-layers-model",
    parameters: countParameters(spec),
    bytes: isKeras ? (await Deno.stat(file)).size : model.bytes,
    dataset: dataset.name,
    classes: dataset.classes,
    split,
    examples,
    score,
  };
}
