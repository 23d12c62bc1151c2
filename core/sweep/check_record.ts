import { checksum } from "../files/checksum.ts";
import { decodeHead } from "../distill/head_weights.ts";
import { readSetting, type Study, writeSetting } from "./study.ts";

/** Where a study keeps the checksum of what it has recorded of a trial. */
function keyOf(id: number): string {
  return `record of trial ${id}`;
}

/** Checksum of all that is recorded of a trial but its weights, which have their own. */
function recordChecksum(study: Study, id: number): number {
  const trial = study.database.prepare(
    `SELECT hidden, dropout, loss, seed, parameters, seconds, best_epoch,
      validation_accuracy, validation_loss, test_accuracy, test_loss,
      predictions, finished
    FROM trial WHERE id = ?`,
  ).get(id);
  const curve = study.database
    .prepare("SELECT * FROM curve WHERE trial = ? ORDER BY epoch").all(id);
  const text = JSON.stringify(
    [trial, curve],
    (_, value) => value instanceof Uint8Array ? checksum(value) : value,
  );
  return checksum(new TextEncoder().encode(text));
}

/** Keeps the checksum of what has been recorded of the trial with the number `id`. */
export function sealRecord(study: Study, id: number): void {
  writeSetting(study, keyOf(id), recordChecksum(study, id));
}

/**
 * Throws a `SyntaxError` unless what the study tells of a trial that is done is what was
 * recorded; trials from before there were checksums are taken as they are.
 */
export function checkRecord(study: Study, id: number): void {
  const wanted = readSetting(study, keyOf(id));
  if (wanted === undefined || wanted === recordChecksum(study, id)) return;
  throw new SyntaxError(
    `Cannot use the study ${study.path}: trial ${id} must be what was recorded: its checksum is another; \`deno task sweep --resume\` trains it again`,
  );
}

/**
 * Makes trials planned again whose record or weights are not what was written, and tells
 * `onNote` of each.
 */
export function replanDamaged(
  study: Study,
  onNote?: (note: string) => void,
): void {
  const rows = study.database
    .prepare("SELECT id, weights FROM trial WHERE state = 'done'");
  const replan = study.database
    .prepare("UPDATE trial SET state = 'planned', error = NULL WHERE id = ?");
  for (const { id, weights } of rows.all()) {
    try {
      checkRecord(study, Number(id));
      const head = weights instanceof Uint8Array ? weights : [];
      decodeHead(new Uint8Array(head), `trial ${id}`);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      replan.run(id);
      onNote?.(`trial ${id} is trained again: ${error.message}`);
    }
  }
}
