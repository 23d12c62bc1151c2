import type { LoadedModel } from "../../core/models/formats/loaded_model.ts";
import { formatByName } from "../../core/models/formats/model_file.ts";
import { countParameters } from "../../core/models/cost.ts";
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
import { loadWithPixels, startBackend } from "./experiment.ts";
import type { Scored } from "./print_score.ts";

/** What kind of file it is; one file's bytes are its own, a folder's those of its weights. */
async function describeFile(
  file: string,
  { bytes, format: seen }: LoadedModel,
): Promise<Pick<Scored, "format" | "bytes">> {
  const format = formatByName(file);
  return format === "onnx" || format === "keras"
    ? { format, bytes: (await Deno.stat(file)).size }
    : { format: seen ?? "tfjs-layers-model", bytes };
}

/** Scores a model that is no `.dram` file, on the part of the data that it was not trained on. */
export async function evaluateFolder(
  values: ScoredValues & { pixels?: readonly number[] },
  io: Io,
): Promise<Scored> {
  const { file, split, backend: choice } = values;
  const model = await loadWithPixels(file, values.pixels);
  const { spec } = model;
  const dataset = fitToModel(model, await loadData(values, io), file);
  await startBackend(choice, io, { tune: false });
  const recorded = recordedSplit(model, dataset);
  if (!recorded && split !== "test") io.note(unknownSplit(file));
  const examples = chooseExamples(dataset, split, recorded);
  const weights = model.weights.map(toTensor);
  const { score } = await evaluateModel(spec, weights, { examples });
  tf.dispose(weights);
  const { format, bytes } = await describeFile(file, model);
  return {
    file,
    format,
    parameters: countParameters(spec),
    bytes,
    dataset: dataset.name,
    classes: dataset.classes,
    split,
    examples,
    score,
  };
}
