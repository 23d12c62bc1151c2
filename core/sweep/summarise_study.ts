import { nameLoss } from "../train/losses/losses.ts";
import { basename, isAbsolute } from "node:path";
import { isRecord } from "../files/json.ts";
import { cleanText } from "../text/clean_text.ts";
import { bestTrial } from "./best_trial.ts";
import { countConfusions } from "./count_confusions.ts";
import { findFrontier } from "./frontier.ts";
import { groupStudents } from "./group_students.ts";
import { findViolations } from "./monotonicity.ts";
import type { StudentResult, StudyDetails, StudyResult } from "./result.ts";

import { readSetting, type Study, writeSetting } from "./study.ts";
import {
  type FinishedTrial,
  listFinishedTrials,
  listTrials,
} from "./trials.ts";

const FLOAT_BYTES = 4;
/** Accuracy at which the smallest model's confusions are shown. */
const GOAL = 0.95;

/** What a study's trials have in common, kept in the study for its reports. */
export interface StudyContext
  extends Pick<StudyResult, "study" | "dataset" | "backend" | "teacher"> {
  /** Number of classes. */
  classes: number;
  /** Classes of the test images, in base64. */
  testLabels: string;
  /** Seconds spent on the study so far. */
  seconds: number;
}

/** Whether `text` is bytes in base64. */
function isBase64(text: string): boolean {
  try {
    return Uint8Array.fromBase64(text).length >= 0;
  } catch {
    return false;
  }
}

function isContext(value: unknown): value is StudyContext {
  if (!isRecord(value)) return false;
  const { study, dataset, backend, teacher, classes, testLabels, seconds } =
    value;
  const areNumbers = (...values: unknown[]) =>
    values.every((each) => typeof each === "number");
  return typeof study === "string" && typeof testLabels === "string" &&
    isBase64(testLabels) &&
    areNumbers(classes, seconds) &&
    isRecord(dataset) && typeof dataset.name === "string" &&
    areNumbers(dataset.train, dataset.validation, dataset.test) &&
    isRecord(dataset.sha256) &&
    Object.values(dataset.sha256).every((hash) => typeof hash === "string") &&
    isRecord(backend) && typeof backend.name === "string" &&
    (backend.adapter === null || typeof backend.adapter === "string") &&
    isRecord(teacher) && areNumbers(teacher.parameters, teacher.bytes) &&
    isRecord(teacher.accuracy) &&
    areNumbers(teacher.accuracy.validation, teacher.accuracy.test);
}

/** `context` with its names clean and short, for whatever shows them. */
function cleanNames(context: StudyContext): StudyContext {
  const { study, dataset, backend } = context;
  return {
    ...context,
    study: cleanText(study),
    // Earlier versions called data of one's own by its whole path.
    dataset: {
      ...dataset,
      name: cleanText(
        isAbsolute(dataset.name) ? basename(dataset.name) : dataset.name,
      ),
    },
    backend: {
      name: cleanText(backend.name),
      adapter: backend.adapter && cleanText(backend.adapter),
    },
  };
}

/** Writes the study's context, in place of an older one. */
export function writeContext(study: Study, context: StudyContext): void {
  writeSetting(study, "context", context);
}

/**
 * The study's context; `undefined` before the first sweep has written it. Throws a
 * `SyntaxError` where it is not what a sweep writes.
 */
export function readContext(study: Study): StudyContext | undefined {
  const context = readSetting(study, "context");
  if (context === undefined) return undefined;
  if (isContext(context)) return cleanNames(context);
  throw new SyntaxError(
    `Cannot use the study ${study.path}: it must say what it is of, as a sweep writes it: something is missing or of another kind; run the sweep again under another --study`,
  );
}

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
 * import { openStudy } from "./study.ts";
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
  const labels = Uint8Array.fromBase64(context.testLabels);
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
