import type { SQLOutputValue } from "node:sqlite";
import type { EpochRecord } from "../train/training_state.ts";
import type { TrainedStudent } from "./cohort_worker.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { checkRecord, sealRecord } from "./check_record.ts";
import { parseLoss } from "../train/losses/losses.ts";
import { inTransaction, type Study } from "./study.ts";

/** A student of a study. */
export interface Trial extends StudentConfig {
  /** Its number in the study, from 1. */
  id: number;
  /** Whether it is still to be trained, was, or could not be. */
  state: "planned" | "done" | "failed";
  /** Why it failed; empty unless it did. */
  error: string;
}

/** A trial that is done, with all that it measured. */
export interface FinishedTrial extends Trial {
  /** Trainable numbers, the frozen convolutions' included. */
  parameters: number;
  /** Its share of its cohort's time. */
  seconds: number;
  /** The epoch whose weights were kept, from 1. */
  bestEpoch: number;
  /** On validation images: share correct, and mean loss. */
  validation: { accuracy: number; loss: number };
  /** On test images: share correct, and mean loss. */
  test: { accuracy: number; loss: number };
  /** Class predicted for each test image. */
  predictions: Uint8Array<ArrayBuffer>;
  /** Scores, an epoch each. */
  epochs: EpochRecord[];
}

type Row = Record<string, SQLOutputValue>;

function asText(value: SQLOutputValue): string {
  return typeof value === "string" ? value : "";
}

function parseState(value: SQLOutputValue): Trial["state"] {
  if (value === "done" || value === "failed") return value;
  return "planned";
}

function parseTrial(row: Row, study: Study): Trial {
  return {
    id: Number(row.id),
    hidden: Number(row.hidden),
    dropout: Number(row.dropout),
    loss: parseLoss(
      asText(row.loss),
      `a trial's loss of the study ${study.path}`,
    ),
    seed: Number(row.seed),
    state: parseState(row.state),
    error: asText(row.error),
  };
}

/**
 * All trials of the study, in the order in which they were planned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "./study.ts";
 * import { listTrials } from "./trials.ts";
 *
 * using study = openStudy(await planBarsStudy());
 * assertEquals(listTrials(study).map(({ hidden, state }) => [hidden, state]), [
 *   [2, "planned"],
 *   [16, "planned"],
 * ]);
 * ```
 */
export function listTrials(study: Study): Trial[] {
  return study.database.prepare(
    "SELECT id, hidden, dropout, loss, seed, state, error FROM trial ORDER BY id",
  ).all().map((row) => parseTrial(row, study));
}

function parseChecked(study: Study, row: Row): Trial {
  checkRecord(study, Number(row.id));
  return parseTrial(row, study);
}

function readCurve(study: Study, trial: number): EpochRecord[] {
  return study.database
    .prepare("SELECT * FROM curve WHERE trial = ? ORDER BY epoch")
    .all(trial)
    .map((row) => ({
      epoch: Number(row.epoch),
      training: {
        loss: Number(row.training_loss),
        accuracy: Number(row.training_accuracy),
      },
      validation: {
        loss: Number(row.validation_loss),
        accuracy: Number(row.validation_accuracy),
      },
    }));
}

/**
 * The trials that are done, in that order, with their measurements. Throws a
 * `SyntaxError` where one isn't what was recorded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "./study.ts";
 * import { listFinishedTrials } from "./trials.ts";
 *
 * using study = openStudy((await makeBarsStudy()).path);
 * const [trial] = listFinishedTrials(study);
 * assertEquals([trial.epochs.length, trial.predictions.length], [20, 24]);
 * ```
 */
export function listFinishedTrials(study: Study): FinishedTrial[] {
  return study.database.prepare(
    `SELECT id, hidden, dropout, loss, seed, state, error, parameters, seconds,
      best_epoch, validation_accuracy, validation_loss, test_accuracy, test_loss,
      predictions
    FROM trial WHERE state = 'done' ORDER BY id`,
  ).all().map((row) => ({
    ...parseChecked(study, row),
    parameters: Number(row.parameters),
    seconds: Number(row.seconds),
    bestEpoch: Number(row.best_epoch),
    validation: {
      accuracy: Number(row.validation_accuracy),
      loss: Number(row.validation_loss),
    },
    test: { accuracy: Number(row.test_accuracy), loss: Number(row.test_loss) },
    predictions: new Uint8Array(
      row.predictions instanceof Uint8Array ? row.predictions : [],
    ),
    epochs: readCurve(study, Number(row.id)),
  }));
}

/**
 * The head's weights of a finished trial, as safetensors: `hidden/kernel`
 * `[features, hidden]`, `hidden/bias` `[hidden]`, `logits/kernel`
 * `[hidden, classes]` and `logits/bias` `[classes]`.
 *
 * Throws an `Error` where the trial isn't done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { decodeSafeTensors } from "../files/safetensors.ts";
 * import { openStudy } from "./study.ts";
 * import { listTrials, readTrialWeights } from "./trials.ts";
 *
 * using study = openStudy((await makeBarsStudy()).path);
 * const bytes = readTrialWeights(study, listTrials(study)[0]);
 * const { tensors } = decodeSafeTensors(bytes, "trial 1");
 * assertEquals(tensors.get("hidden/kernel")?.shape, [256, 2]);
 * ```
 */
export function readTrialWeights(
  study: Study,
  trial: Trial,
): Uint8Array<ArrayBuffer> {
  const row = study.database
    .prepare("SELECT weights FROM trial WHERE id = ?").get(trial.id);
  if (row?.weights instanceof Uint8Array) return new Uint8Array(row.weights);
  throw new Error(
    `Cannot export trial ${trial.id}: it must be done: it is ${trial.state}; run \`deno task sweep --resume\``,
  );
}

/** A student that has just been trained, with its trial. */
export interface TrainedTrial {
  /** Its trial, still planned. */
  trial: Trial;
  /** What its training has given. */
  student: TrainedStudent;
  /** Trainable numbers, the frozen convolutions' included. */
  parameters: number;
  /** Its share of its cohort's time. */
  seconds: number;
}

function recordTrial(study: Study, finished: TrainedTrial): void {
  const { trial, student, parameters, seconds } = finished;
  const { record, test, weights } = student;
  const { validation } = record.epochs[record.bestEpoch - 1];
  study.database.prepare(
    `UPDATE trial SET state = 'done', error = NULL, parameters = ?,
      seconds = ?, best_epoch = ?, validation_accuracy = ?,
      validation_loss = ?, test_accuracy = ?, test_loss = ?,
      predictions = ?, weights = ?, finished = ?
    WHERE id = ?`,
  ).run(
    parameters,
    seconds,
    record.bestEpoch,
    validation.accuracy,
    validation.loss,
    test.score.accuracy,
    test.score.loss,
    test.predictions,
    weights,
    new Date().toISOString(),
    trial.id,
  );
  const insert = study.database.prepare(
    "INSERT OR REPLACE INTO curve VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { epoch, training, validation } of record.epochs) {
    insert.run(
      trial.id,
      epoch,
      training.loss,
      training.accuracy,
      validation.loss,
      validation.accuracy,
    );
  }
  sealRecord(study, trial.id);
}

/**
 * Records that the trials of a cohort are done, all of them or, where one can't
 * be recorded, none: metrics, curves, predictions and weights at once.
 */
export function finishTrials(
  study: Study,
  finished: readonly TrainedTrial[],
): void {
  inTransaction(study, () => {
    for (const trial of finished) recordTrial(study, trial);
  });
}

/** Records that a trial has failed, and why. */
export function failTrial(study: Study, trial: Trial, error: string): void {
  inTransaction(study, () => {
    study.database
      .prepare("UPDATE trial SET state = 'failed', error = ? WHERE id = ?")
      .run(error, trial.id);
  });
}
