import { decodeHead } from "../distill/head_weights.ts";
import type { FloatArray } from "../files/safetensors.ts";
import type { LoadedModel } from "../models/formats/load_model.ts";
import type { ModelSpec } from "../models/spec.ts";
import { studentOf } from "../models/student.ts";
import { cutModel } from "../models/trunk.ts";
import { readStudySetting } from "../study/run_study.ts";
import type { Study } from "../study/study.ts";
import { readTrialWeights, type Trial } from "./trials.ts";

/**
 * A finished trial as a whole model: the teacher's convolutions, then the
 * student's own head.
 *
 * Throws an `Error` where `teacher` isn't the one that the study was made with,
 * or the trial isn't done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { countParameters } from "../models/cost.ts";
 * import { exportStudent } from "./export_student.ts";
 * import { openStudy } from "../study/study.ts";
 * import { listTrials } from "./trials.ts";
 *
 * const { path, teacher } = await makeBarsStudy();
 * using study = openStudy(path);
 * const [trial] = listTrials(study); // of two hidden units
 * const { spec } = exportStudent(study, trial, teacher);
 * assertEquals(countParameters(spec), 18_816 + 257 * 2 + 3 * 3);
 * ```
 */
export function exportStudent(
  study: Study,
  trial: Trial,
  teacher: LoadedModel,
): { spec: ModelSpec; weights: FloatArray[] } {
  if (readStudySetting(study).teacher !== teacher.sha256) {
    throw new Error(
      `Cannot export a student of ${study.path}: its convolutions are those of the teacher that the study was made with: this is another; pass that one's folder with --teacher`,
    );
  }
  const { hidden, dropout } = trial;
  const spec = studentOf(teacher.spec, { hidden, dropout });
  const head = decodeHead(readTrialWeights(study, trial), `trial ${trial.id}`);
  const { trunkWeights } = cutModel(teacher.spec, teacher.weights);
  return { spec, weights: [...trunkWeights, ...head] };
}
