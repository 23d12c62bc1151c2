import { formatLoss } from "../train/losses/losses.ts";
import { sealRecord } from "../sweep/check_record.ts";
import { inTransaction, type Study } from "../sweep/study.ts";
import type { Candidate } from "./candidate.ts";
import type { SearchEpoch, SearchTrial } from "./search_trials.ts";
import type { TrainedCandidate } from "./train_candidate.ts";

/** A candidate with the size that it is expected to have. */
export interface SizedCandidate extends Candidate {
  /** Trainable numbers. */
  parameters: number;
  /** Bytes of its file, roughly. */
  estimatedBytes: number;
}

/**
 * Adds the candidates that the study doesn't hold yet, as planned; those that it
 * holds stay as they are, so that none is ever trained twice.
 */
export function planCandidates(
  study: Study,
  candidates: readonly SizedCandidate[],
): void {
  const insert = study.database.prepare(
    `INSERT OR IGNORE INTO trial (layers, bits, rate_penalty, loss, seed,
      parameters, estimated_bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  inTransaction(study, () => {
    for (const candidate of candidates) {
      const { layers, bits, ratePenalty, loss, seed } = candidate;
      const { parameters, estimatedBytes } = candidate;
      insert.run(
        ...[layers, bits, ratePenalty, formatLoss(loss), seed],
        ...[parameters, estimatedBytes],
      );
    }
  });
}

/** Keeps epochs of the trial numbered `id`, in place of an earlier telling. */
export function recordEpochs(
  study: Study,
  id: number,
  epochs: readonly SearchEpoch[],
): void {
  const insert = study.database.prepare(
    "INSERT OR REPLACE INTO curve VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  inTransaction(study, () => {
    for (const { epoch, phase, training, validation } of epochs) {
      insert.run(
        ...[id, epoch, phase, training.loss, training.accuracy],
        ...[validation.loss, validation.accuracy],
      );
    }
  });
}

/**
 * Gives `trial` the float epochs that others with the same layers, loss and seed
 * have told of: it goes on from those, if it is worth beginning by them.
 */
export function adoptFloatEpochs(study: Study, trial: SearchTrial): void {
  inTransaction(study, () => {
    study.database.prepare(
      `INSERT OR IGNORE INTO curve
    SELECT ?1, epoch, phase, training_loss, training_accuracy,
      curve.validation_loss, curve.validation_accuracy
    FROM curve JOIN trial ON trial.id = curve.trial
    WHERE phase = 'float' AND layers = ?2 AND loss = ?3 AND seed = ?4`,
    ).run(trial.id, trial.layers, formatLoss(trial.loss), trial.seed);
  });
}

/** Records that a trial is done: its file and what that scores, at once. */
export function finishTrial(
  study: Study,
  { id }: SearchTrial,
  { dram, validation, test, seconds }: TrainedCandidate,
): void {
  inTransaction(study, () => {
    study.database.prepare(
      `UPDATE trial SET state = 'done', error = NULL, seconds = ?,
      validation_accuracy = ?, test_accuracy = ?, dram = ?, finished = ?
    WHERE id = ?`,
    ).run(
      ...[seconds, validation, test, dram],
      ...[new Date().toISOString(), id],
    );
    sealRecord(study, id);
  });
}

/** Makes trials that were stopped early planned again. */
export function replanStopped(study: Study): void {
  inTransaction(study, () => {
    study.database.exec(
      "UPDATE trial SET state = 'planned', error = NULL WHERE state = 'stopped'",
    );
  });
}

/** Records that a trial won't be trained on, or could not be, and why. */
export function closeTrial(
  study: Study,
  { id }: SearchTrial,
  state: "stopped" | "failed",
  reason: string,
): void {
  inTransaction(study, () => {
    study.database
      .prepare("UPDATE trial SET state = ?, error = ? WHERE id = ?")
      .run(state, reason, id);
  });
}
