import {
  distilStudent,
  STUDENT_TRAINING,
} from "../../core/distill/distil_student.ts";
import { makeManifest } from "../../core/models/manifest.ts";
import { saveModel } from "../../core/models/save_model.ts";
import { MAX_UNITS } from "../../core/models/spec.ts";
import { announceModel } from "./announce_model.ts";
import { claimOutput, FORCE_OPTION, modelFiles } from "./claim_output.ts";
import { defineCommand } from "../command.ts";
import { DEFAULT_SEED } from "../options/common_options.ts";
import {
  countWorkers,
  loadRowAndData,
  openFeatures,
  startBackend,
  TEACHER_OPTIONS,
} from "./experiment.ts";
import {
  checkLossValues,
  chooseLoss,
  LOSS_NAMES,
  LOSS_OPTIONS,
} from "../options/loss_options.ts";
import { ownPath } from "../options/own_path.ts";
import {
  applyTrainingValues,
  trainingOptions,
} from "../options/training_options.ts";

/** How all of a student learns once its head has: gently, from where it stands. */
const FINE_TUNING = {
  batchSize: 128,
  patience: 10,
  optimiser: { kind: "adam" },
  schedule: { kind: "cosine", rate: 2e-4 },
} as const;

export const command = defineCommand({
  name: "distill",
  about: `Distils one student from the teacher and writes it as a model folder.
The convolutions stay the teacher's unless --fine-tune lets them learn too.`,
  examples: [
    "distill --hidden 6",
    "distill --hidden 8 --loss distillation --temperature 2 --fine-tune 3",
  ],
  options: {
    ...TEACHER_OPTIONS,
    hidden: {
      kind: "integer",
      min: 1,
      max: MAX_UNITS,
      default: 6,
      help: "units of the hidden layer",
    },
    dropout: {
      kind: "number",
      min: 0,
      below: 1,
      default: 0.2,
      help: "dropout rate on the features",
    },
    loss: {
      kind: "choice",
      choices: LOSS_NAMES,
      default: "logit-mse",
      help: "what it learns by",
    },
    ...LOSS_OPTIONS,
    ...trainingOptions(STUDENT_TRAINING),
    fineTune: {
      kind: "integer",
      min: 0,
      max: 1000,
      default: 0,
      help: "epochs in which the convolutions learn too",
    },
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      usual: "trained/student-N",
      help: "where the model goes",
    },
    ...FORCE_OPTION,
  },
  savesOnInterrupt: true,
  async run(values, io) {
    const { hidden, dropout, seed = DEFAULT_SEED, fineTune } = values;
    const out = values.out ?? ownPath(`trained/student-${hidden}`);
    checkLossValues([values.loss], values);
    const loss = chooseLoss(values.loss, values);
    const { teacher, dataset } = await loadRowAndData(values, io);
    const checkpoint = `${out}/unfinished.checkpoint`;
    using _claim = await claimOutput({
      command: "distill",
      at: { folder: out },
      makes: modelFiles(out),
      unfinished: [checkpoint, `${checkpoint}.fine-tune`],
      force: values.force,
    });
    const backend = await startBackend(values.backend, io, { tune: true });
    const store = await openFeatures({ teacher, dataset, backend, io });
    const student = { hidden, dropout, loss, seed };
    const training = applyTrainingValues(STUDENT_TRAINING, values);
    const fineTuning = fineTune === 0
      ? undefined
      : { ...FINE_TUNING, epochs: fineTune };
    using progress = io.progress(`student-${hidden}`);
    const { spec, weights, scores } = await distilStudent(
      { teacher, dataset, store, student, training, fineTune: fineTuning },
      {
        checkpoint,
        threads: countWorkers(backend),
        signal: io.signal,
        onProgress: progress.training,
        onNote: io.note,
      },
    );
    const manifest = makeManifest({
      spec,
      configuration: { ...student, training, fineTune: fineTuning },
      backend,
      dataset,
      teacher,
      scores,
    });
    await saveModel(out, weights, manifest);
    await Deno.remove(checkpoint);
    if (fineTuning) await Deno.remove(`${checkpoint}.fine-tune`);
    announceModel(out, manifest, io);
  },
});
