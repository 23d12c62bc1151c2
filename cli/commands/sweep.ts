import type { SplitDataset } from "../../core/data/split.ts";
import { measureRates } from "../../core/device/measure_rates.ts";
import type { BackendInUse } from "../../core/device/select_backend.ts";
import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";
import { findFeatures } from "../../core/distill/extract_features.ts";
import type { StudentConfig } from "../../core/distill/student_config.ts";
import { claimFolder } from "../../core/files/claim_folder.ts";
import {
  classCount,
  countParameters,
  modelCost,
} from "../../core/models/cost.ts";
import type { LoadedModel } from "../../core/models/formats/load_model.ts";
import { MAX_UNITS } from "../../core/models/spec.ts";
import { studentOf } from "../../core/models/student.ts";
import { cutModel } from "../../core/models/trunk.ts";
import { writeReport } from "../../core/report/write_report.ts";
import { cohortLimits } from "../../core/sweep/plan_cohorts.ts";
import { estimateSeconds } from "../../core/sweep/estimate_time.ts";
import {
  planCohorts,
  workersToPlanFor,
} from "../../core/sweep/plan_cohorts.ts";
import type { OnTrial } from "../../core/sweep/sweep.ts";
import { DEFAULT_SPACE, listStudents } from "../../core/sweep/search_space.ts";
import { sweep } from "../../core/sweep/sweep.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { nameLoss } from "../../core/train/losses/losses.ts";
import type { TrainingSpec } from "../../core/train/train.ts";
import { defineCommand, type Io } from "../command.ts";
import { LOSS_NAMES, LOSS_OPTIONS } from "../options/loss_options.ts";
import { ownPath } from "../options/own_path.ts";
import {
  applySpaceValues,
  checkResumes,
  choosePlan,
} from "../options/study_plan.ts";
import {
  applyTrainingValues,
  trainingOptions,
} from "../options/training_options.ts";
import { formatLearning, formatSeconds } from "../terminal/format_progress.ts";
import {
  CACHE,
  countWorkers,
  loadRowAndData,
  openFeatures,
  startBackend,
  TEACHER_OPTIONS,
} from "./experiment.ts";
import { printStudy } from "./print_study.ts";
import {
  listUnfinished,
  readStoredTraining,
  STUDY_OPTIONS,
  studyFolder,
} from "./study_files.ts";

/** What a sweep would do. */
interface DryRun {
  study: string;
  trials: number;
  cohorts: number;
  /** Of all students together. */
  parameters: number;
  /** Roughly. */
  seconds: number;
}

/** Counts trials, cohorts and parameters of a sweep, and estimates its time. */
async function describeDryRun(
  study: string,
  { students, training, teacher, dataset, backend }: {
    students: StudentConfig[];
    training: Omit<TrainingSpec, "seed">;
    teacher: LoadedModel;
    dataset: SplitDataset;
    backend: BackendInUse;
  },
): Promise<{ text: string; json: DryRun }> {
  const { features: width } = cutModel(teacher.spec, teacher.weights);
  const { train, validation, test } = dataset;
  const kept = await findFeatures(teacher, dataset, ownPath(CACHE));
  const plan = {
    width,
    classes: classCount(teacher.spec),
    training,
    limits: await cohortLimits(backend.name),
    workers: workersToPlanFor(backend.name),
  };
  const seconds = estimateSeconds({
    ...plan,
    workers: countWorkers(backend),
    plannedWorkers: plan.workers,
    students,
    extract: kept ? 0 : train.count + validation.count + test.count,
    multiplyAdds: modelCost(teacher.spec).multiplyAdds,
    images: train.count,
  }, await measureRates());
  const parameters = students.reduce(
    (sum, student) => sum + countParameters(studentOf(teacher.spec, student)),
    0,
  );
  const json: DryRun = {
    study,
    trials: students.length,
    cohorts: planCohorts(students, plan).length,
    parameters,
    seconds,
  };
  const text =
    `study ${study}: ${json.trials} trials in ${json.cohorts} cohorts, ${
      parameters.toLocaleString("en")
    } parameters in all, about ${formatSeconds(seconds)} on ${backend.name}`;
  return { text, json };
}

/** A line for each trial as it ends. */
function announceTrials(io: Io): OnTrial {
  return ({ hidden, dropout, loss, seed, error }, student) => {
    const name = `hidden ${hidden}, dropout ${dropout}, ${
      nameLoss(loss)
    }, seed ${seed}`;
    if (!student) {
      io.print(io.colours.red(`${name}: failed: ${cleanText(`${error}`)}`));
      return;
    }
    const { record, test } = student;
    const best = record.epochs[record.bestEpoch - 1].validation;
    io.print(
      `${name}: validation ${
        best.accuracy.toFixed(4)
      } (epoch ${record.bestEpoch}), test ${test.score.accuracy.toFixed(4)}`,
    );
  };
}

export const command = defineCommand({
  name: "sweep",
  about:
    `Distils students over a grid of widths, dropout rates, losses and seeds, many
in one pass, then prints s(f) and writes a report. All of it is kept in
studies/NAME: study.db, report.html and plots. What is done is never done again;
after a stop of whatever kind the same command goes on. Defaults below are those
without --quick and --full.`,
  examples: [
    "sweep",
    "sweep --quick",
    "sweep --hidden 5,6,7 --dropout 0,0.2 --seeds 1,2 --study around-six",
    "sweep --resume --study around-six",
  ],
  options: {
    quick: { kind: "boolean", help: "a first answer in under a minute" },
    full: {
      kind: "boolean",
      help:
        "widths to 128, three dropout rates, five seeds: about half an hour",
    },
    hidden: {
      kind: "integers",
      min: 1,
      max: MAX_UNITS,
      usual: DEFAULT_SPACE.hidden.join(),
      help: "units of the hidden layer",
    },
    dropout: {
      kind: "numbers",
      min: 0,
      below: 1,
      usual: DEFAULT_SPACE.dropout.join(),
      help: "dropout rates on the features",
    },
    loss: {
      kind: "choices",
      choices: LOSS_NAMES,
      usual: "logit-mse,labels",
      help: "what students learn by; labels ignores the teacher's logits",
    },
    seeds: {
      kind: "integers",
      min: 0,
      usual: "three, from --seed on",
      help: "seeds that each student is trained with",
    },
    ...LOSS_OPTIONS,
    ...trainingOptions(STUDENT_TRAINING),
    ...TEACHER_OPTIONS,
    ...STUDY_OPTIONS,
    resume: {
      kind: "boolean",
      help: "finish what the study has planned, as it was planned",
    },
    retryFailed: { kind: "boolean", help: "try again what has failed" },
    dryRun: {
      kind: "boolean",
      help: "count trials, parameters and time; train nothing",
    },
  },
  savesOnInterrupt: true,
  async run(values, io) {
    const began = performance.now();
    const plan = choosePlan(values);
    const name = values.study ?? plan.name;
    const folder = studyFolder(name);
    if (values.resume) checkResumes(values);
    const students = values.resume
      ? []
      : listStudents(applySpaceValues(plan.space, values));
    const training = values.resume
      ? readStoredTraining(name)
      : applyTrainingValues(plan.training, values);
    const { teacher, dataset } = await loadRowAndData(values, io);
    const backend = await startBackend(values.backend, io, { tune: true });
    if (values.dryRun) {
      const unfinished = listUnfinished(name, students, values);
      const work = {
        students: unfinished,
        training,
        teacher,
        dataset,
        backend,
      };
      const { text, json } = await describeDryRun(name, work);
      io.print(text);
      io.printJson(json);
      return;
    }
    using _claim = await claimFolder(folder, { command: "sweep" });
    const store = await openFeatures({ teacher, dataset, backend, io });
    const secondsBefore = (performance.now() - began) / 1000;
    using progress = io.progress("students");
    const details = await sweep({
      name,
      path: `${folder}/study.db`,
      teacher,
      dataset,
      store,
      students,
      training,
      backend,
      workers: countWorkers(backend),
      retryFailed: values.retryFailed,
      secondsBefore,
      onWait: io.note,
      onTrial: announceTrials(io),
      onProgress: (done, total, now) =>
        progress.work({
          done: done * training.batchSize,
          total: total * training.batchSize,
          unit: "images",
          detail: now &&
            `${nameLoss(now.student.loss)} seed ${now.student.seed}, ${
              formatLearning(now)
            }`,
        }),
      onNote: io.note,
      signal: io.signal,
    });
    const [page] = await writeReport(folder, details);
    printStudy(details, io);
    io.print(`\nReport: ${cleanText(page)}`);
    const { failures } = details;
    if (failures.length > 0) {
      throw new Error(
        `Cannot finish the study ${name}: every trial must be done: ${failures.length} failed, the first with "${
          failures[0].error
        }"; \`deno task sweep --study ${name} --resume --retry-failed\` tries them again`,
      );
    }
  },
});
