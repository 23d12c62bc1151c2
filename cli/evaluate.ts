import { defaultSplit, splitDataset } from "../core/data/split.ts";
import { countParameters } from "../core/models/cost.ts";
import { loadModel } from "../core/models/load_model.ts";
import { recordedSplit } from "../core/models/manifest.ts";
import * as tf from "../core/tf.ts";
import { evaluateModel } from "../core/train/evaluate_model.ts";
import { toTensor } from "../core/train/training_state.ts";
import { defineCommand } from "./command.ts";
import {
  assertFits,
  DATA_OPTIONS,
  loadData,
  startBackend,
} from "./experiment.ts";

export const command = defineCommand({
  name: "evaluate",
  about:
    "Scores a model folder (a tfjs LayersModel) on labelled images: accuracy and\nmean cross-entropy.",
  examples: ["evaluate models/teacher", "evaluate trained/student-6 --json"],
  positional: {
    file: { kind: "string", required: true, help: "a model folder" },
  },
  options: {
    ...DATA_OPTIONS,
    split: {
      kind: "choice",
      choices: ["test", "validation", "train"],
      default: "test",
      help: "which images",
    },
  },
  async run({ file, data, split, backend: choice }, io) {
    const model = await loadModel(file);
    const { spec } = model;
    const whole = await loadData(data);
    assertFits(model, whole, file);
    await startBackend(choice, io, { tune: false });
    const dataset = splitDataset(
      whole,
      recordedSplit(model, whole) ?? defaultSplit(whole),
    );
    const weights = model.weights.map(toTensor);
    const { score } = await evaluateModel(spec, weights, {
      examples: dataset[split],
    });
    tf.dispose(weights);
    const parameters = countParameters(spec);
    const { count } = dataset[split];
    io.print(
      `${file}: accuracy ${score.accuracy.toFixed(4)}, loss ${
        score.loss.toFixed(4)
      } on ${count.toLocaleString("en")} ${split} images of ${dataset.name}; ${
        parameters.toLocaleString("en")
      } parameters, ${model.bytes.toLocaleString("en")} bytes`,
    );
    io.printJson({
      file,
      format: "tfjs-layers-model",
      parameters,
      bytes: model.bytes,
      dataset: dataset.name,
      split,
      count,
      accuracy: score.accuracy,
      loss: score.loss,
    });
  },
});
