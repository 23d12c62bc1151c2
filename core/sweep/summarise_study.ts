import type { Labels } from "../data/dataset.ts";
import { readContext, readTestLabels } from "../study/context.ts";
import type { Study } from "../study/study.ts";
import { cleanText } from "../text/clean_text.ts";
import { nameLoss } from "../train/losses/losses.ts";
import { bestTrial, findFrontier } from "./frontier.ts";
import { groupStudents } from "./group_students.ts";
import { findViolations } from "./monotonicity.ts";
import type { StudentResult, StudyDetails } from "./result.ts";
import {
  type FinishedTrial,
  listFinishedTrials,
  listTrials,
} from "./trials.ts";

const FLOAT_BYTES = 4;
/** Accuracy at which the smallest model's confusions are shown. */
const GOAL = 0.95;

function describeTrial(
  trial: FinishedTrial,
  teacherParameters: number,
): StudentResult {
  const { hidden, dropout, seed, parameters, seconds } = trial;
  return {
    hidden,
    dropout,
    loss: nameLoss(trial.loss),
    seed,
    parameters,
    bytes: parameters * FLOAT_BYTES,
    compression: teacherParameters / parameters,
    accuracy: {
      validation: trial.validation.accuracy,
      test: trial.test.accuracy,
    },
    seconds,
  };
}

/** Why a study has no finished trial, and what to do about it. */
function describeFailures(study: Study): string {
  const failed = listTrials(study).filter(({ state }) => state === "failed");
  return failed.length === 0
    ? "none is; run `deno task sweep`"
    : `${failed.length} failed, the first with "${
      cleanText(failed[0].error)
    }"; run \`deno task sweep\` otherwise, or with --retry-failed`;
}

/**
 * Images by true class (row) and by answer (column): `[classes, classes]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countConfusions } from "./summarise_study.ts";
 *
 * assertEquals(countConfusions([0, 1, 1], Uint8Array.of(0, 0, 1), 2), [[1, 1], [0, 1]]);
 * ```
 */
export function countConfusions(
  answers: ArrayLike<number>,
  labels: Labels,
  classes: number,
): number[][] {
  const matrix = Array.from(
    { length: classes },
    () => new Array<number>(classes).fill(0),
  );
  labels.forEach((label, image) => matrix[label][answers[image]]++);
  return matrix;
}

/**
 * Everything that is reported of a study: its students, s(f), pairs that break
 * monotonicity, curves, failures, and the confusion matrix of the smallest model
 * that reaches the lowest accuracy of s(f) at or above 0.95, else the best one.
 *
 * Reads the study alone: no dataset, no teacher. `accuracies`, each a share
 * above 0 and below 1, are what s(f) is given for; {@linkcode DEFAULT_ACCURACIES}
 * unless given. Throws an `Error` where no trial of it is done, and a
 * `RangeError` for an accuracy out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "../study/study.ts";
 * import { summariseStudy } from "./summarise_study.ts";
 *
 * const { path } = await makeBarsStudy();
 * using study = openStudy(path);
 * const { groups, confusion } = summariseStudy(study, [0.9]);
 * assertEquals(groups.map(({ hidden }) => hidden), [2, 16]);
 * assertEquals(confusion.matrix.flat().reduce((a, b) => a + b), 24);
 * ```
 */
export function summariseStudy(
  study: Study,
  accuracies?: readonly number[],
): StudyDetails {
  const context = readContext(study);
  const trials = listFinishedTrials(study);
  if (!context || trials.length === 0) {
    throw new Error(
      `Cannot report on ${study.path}: at least one of its trials must be done: ${
        describeFailures(study)
      }`,
    );
  }
  const labels = readTestLabels(context);
  const { study: name, dataset, backend, teacher, seconds } = context;
  const students = trials.map((trial) =>
    describeTrial(trial, teacher.parameters)
  );
  const groups = groupStudents(students);
  const frontier = findFrontier(groups, accuracies);
  const violations = findViolations(trials, labels);
  const [point] = findFrontier(groups, [GOAL]);
  const chosen = bestTrial(trials, point);
  return {
    result: {
      study: name,
      dataset,
      backend,
      teacher,
      students,
      frontier,
      monotone: { holds: violations.length === 0, violations },
      seconds,
    },
    groups,
    curves: trials.map((
      { hidden, dropout, loss, seed, bestEpoch, epochs },
    ) => ({ hidden, dropout, loss: nameLoss(loss), seed, bestEpoch, epochs })),
    confusion: {
      student: describeTrial(chosen, teacher.parameters),
      matrix: countConfusions(chosen.predictions, labels, context.classes),
    },
    failures: listTrials(study)
      .filter(({ state }) => state === "failed")
      .map(({ hidden, dropout, loss, seed, error }) => ({
        hidden,
        dropout,
        loss: nameLoss(loss),
        seed,
        error: cleanText(error),
      })),
  };
}
