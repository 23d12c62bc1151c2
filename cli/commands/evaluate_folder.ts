import { formatByName } from "../../core/models/formats/model_file.ts";
import type { Examples } from "../../core/data/dataset.ts";
import { classifyLogits } from "../../core/infer/classification.ts";
import { scoreAnswers } from "../../core/infer/score_answers.ts";
import { formOf, type Teacher } from "../../core/models/formats/teacher.ts";
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
import type { ReadingValues } from "../options/reading_options.ts";
import { loadAnyModel, startBackend } from "./experiment.ts";
import { loadLogits } from "./load_pools.ts";
import type { Scored } from "./print_score.ts";

/** What kind of file it is; one file's bytes are its own, a folder's those of its weights. */
async function describeFile(
  file: string,
  model: Teacher,
): Promise<Pick<Scored, "format" | "bytes">> {
  if (model.kind === "box") return { format: model.format, bytes: model.bytes };
  const format = formatByName(file);
  return format === "onnx" || format === "keras"
    ? { format, bytes: (await Deno.stat(file)).size }
    : { format: model.format ?? "tfjs-layers-model", bytes: model.bytes };
}

/** Scores a model that is no `.dram` file, on the part of the data that it was not trained on. */
export async function evaluateFolder(
  values: ScoredValues & ReadingValues,
  io: Io,
): Promise<Scored> {
  const { file, split, backend: choice } = values;
  const model = await loadAnyModel(file, values, io);
  const dataset = fitToModel(model, await loadData(values, io), file);
  const recorded = recordedSplit(model, dataset);
  if (!recorded && split !== "test") io.note(unknownSplit(file));
  const examples = chooseExamples(dataset, split, recorded);
  const { format, bytes } = await describeFile(file, model);
  return {
    file,
    format,
    parameters: formOf(model).parameters,
    bytes,
    dataset: dataset.name,
    classes: dataset.classes,
    split,
    examples,
    score: await scoreModel(model, examples, {
      choice,
      memory: values.memory,
      io,
    }),
  };
}

/** How well `model` does on `examples`: a row on the backend of choice, a black box in its runtime. */
async function scoreModel(
  model: Teacher,
  examples: Examples,
  { choice, memory, io }: {
    choice: ScoredValues["backend"];
    memory: number;
    io: Io;
  },
): Promise<Scored["score"]> {
  if (model.kind === "box") {
    const logits = await loadLogits(model, examples, { memory, io });
    const answers = classifyLogits(logits, model.classes);
    return scoreAnswers(answers, examples.labels);
  }
  await startBackend(choice, io, { tune: false });
  const weights = model.weights.map(toTensor);
  const { score } = await evaluateModel(model.spec, weights, { examples });
  tf.dispose(weights);
  return score;
}
