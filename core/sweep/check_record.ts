import type { SQLOutputValue } from "node:sqlite";
import { checksum } from "../files/checksum.ts";
import {
  inTransaction,
  readSetting,
  type Study,
  writeSetting,
} from "./study.ts";

/** Where a study keeps the checksum of what it has recorded of a trial. */
function keyOf(id: number): string {
  return `record of trial ${id}`;
}

/** Checksum of what is recorded of a trial, its epochs too. */
function recordChecksum(study: Study, id: number): number {
  const { recorded } = study.format;
  const trial = study.database
    .prepare(`SELECT ${recorded.join(", ")} FROM trial WHERE id = ?`).get(id);
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
    `Cannot use the study ${study.path}: trial ${id} must be what was recorded: its checksum is another; \`deno task ${study.format.command} --resume\` trains it again`,
  );
}

/**
 * Makes trials planned again whose record is not what was written, or that `checkMore`
 * refuses by a `SyntaxError`, without their epochs, and tells `onNote` of each.
 */
export function replanDamaged(
  study: Study,
  { checkMore, onNote }: {
    /** Checks what has a checksum of its own, in a trial's row. */
    checkMore?: (row: Record<string, SQLOutputValue>) => void;
    onNote?: (note: string) => void;
  },
): void {
  const rows = study.database
    .prepare("SELECT * FROM trial WHERE state = 'done'");
  const replan = study.database
    .prepare("UPDATE trial SET state = 'planned', error = NULL WHERE id = ?");
  const forget = study.database.prepare("DELETE FROM curve WHERE trial = ?");
  for (const row of rows.all()) {
    try {
      checkRecord(study, Number(row.id));
      checkMore?.(row);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      inTransaction(study, () => {
        replan.run(row.id);
        forget.run(row.id);
      });
      onNote?.(`trial ${row.id} is trained again: ${error.message}`);
    }
  }
}
