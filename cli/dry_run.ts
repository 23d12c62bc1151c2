import type { SplitDataset } from "../core/data/split.ts";
import { measureRates } from "../core/device/measure_rates.ts";
import type { BackendInUse } from "../core/device/select_backend.ts";
import { findFeatures } from "../core/distill/extract_features.ts";
import type { StudentConfig } from "../core/distill/student_config.ts";
import { classCount, countParameters, modelCost } from "../core/models/cost.ts";
import type { LoadedModel } from "../core/models/load_model.ts";
import { studentOf } from "../core/models/student.ts";
import { cutModel } from "../core/models/trunk.ts";
import {
  cohortLimits,
  planCohorts,
  workersToPlanFor,
} from "../core/sweep/plan_cohorts.ts";
import { estimateSeconds } from "../core/sweep/estimate_time.ts";
import type { TrainingSpec } from "../core/train/train.ts";
import { CACHE, countWorkers } from "./experiment.ts";
import { formatSeconds } from "./format_progress.ts";
import { ownPath } from "./own_path.ts";

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
export async function describeDryRun(
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
