import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import { makeManifest } from "../../core/models/manifest.ts";
import { saveModel } from "../../core/models/save_model.ts";
import {
  TEACHER_NAMES,
  TEACHER_RECIPES,
} from "../../core/train/teacher_recipes.ts";
import {
  TEACHER_CONFIGURATION,
  trainTeacher,
} from "../../core/train/train_teacher.ts";
import { announceModel } from "./announce_model.ts";
import { claimOutput, FORCE_OPTION, modelFiles } from "./claim_output.ts";
import { defineCommand } from "../command.ts";
import { DEFAULT_SEED } from "../options/common_options.ts";
import {
  assertLearnable,
  countWorkers,
  DATA_OPTIONS,
  loadData,
  startBackend,
} from "./experiment.ts";
import { ownPath } from "../options/own_path.ts";
import {
  applyTrainingValues,
  trainingOptions,
} from "../options/training_options.ts";

export const command = defineCommand({
  name: "train",
  about:
    `Trains a teacher, or another large model, and writes it as a model folder with
its manifest. Without options it makes the teacher that Retort ships again.
Interrupted, it saves where it stands; the same command then goes on from there.`,
  examples: [
    "train",
    "train --model lenet-5",
    "train --data my-data --out models/my-teacher",
  ],
  options: {
    ...DATA_OPTIONS,
    model: {
      kind: "choice",
      choices: TEACHER_NAMES,
      default: "teacher",
      help: "which model; what is usual below is the teacher's",
    },
    ...trainingOptions(TEACHER_CONFIGURATION),
    shift: {
      kind: "integer",
      min: 0,
      max: 16,
      usual: `${TEACHER_CONFIGURATION.shift}`,
      help: "pixels that training images are moved at random, at the most",
    },
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      usual: "trained/MODEL",
      help: "where the model goes",
    },
    ...FORCE_OPTION,
  },
  savesOnInterrupt: true,
  async run(
    {
      model,
      shift,
      out = ownPath(`trained/${model}`),
      seed = DEFAULT_SEED,
      backend: choice,
      force,
      ...values
    },
    io,
  ) {
    const whole = await loadData(values, io);
    assertLearnable(whole);
    const checkpoint = `${out}/unfinished.checkpoint`;
    using _claim = await claimOutput({
      command: "train",
      at: { folder: out },
      makes: modelFiles(out),
      unfinished: [checkpoint],
      force,
    });
    const backend = await startBackend(choice, io, { tune: true });
    const dataset = splitDataset(whole, defaultSplit(whole));
    const recipe = TEACHER_RECIPES[model];
    const configuration = {
      ...applyTrainingValues(recipe.configuration, values),
      shift: shift ?? recipe.configuration.shift,
      seed,
    };
    using progress = io.progress(model);
    const { spec, weights, scores } = await trainTeacher(
      dataset,
      configuration,
      {
        spec: recipe.makeSpec({
          input: dataset.shape,
          classes: dataset.classes,
        }),
        checkpoint,
        threads: countWorkers(backend),
        signal: io.signal,
        onProgress: progress.training,
        onNote: io.note,
      },
    );
    const manifest = makeManifest({
      spec,
      configuration,
      backend,
      dataset,
      scores,
    });
    await saveModel(out, weights, manifest);
    await Deno.remove(checkpoint);
    announceModel(out, manifest, io);
  },
});
