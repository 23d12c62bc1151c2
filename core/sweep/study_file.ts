import { DatabaseSync } from "node:sqlite";
import { openTemporary } from "../files/temporary_file.ts";
import { explainSqliteError } from "./explain_sqlite_error.ts";
import { type StudyFormat, SWEEP_FORMAT } from "./study_format.ts";
import { PATIENCE_MS, type WaitOptions, whenFree } from "./when_free.ts";

/** What all trials of a study share; every study has it. */
const SETTING_TABLE = `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
`;

/** The number that a `PRAGMA` gives. */
function readPragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name]);
}

/** Throws unless `database`, at `path`, is a study of this format and version. */
function checkStudy(
  database: DatabaseSync,
  path: string,
  { command, applicationId, version }: StudyFormat,
): void {
  if (readPragma(database, "application_id") !== applicationId) {
    throw new SyntaxError(
      `Cannot open ${path}: it must be a study made by \`deno task ${command}\`: it is another program's SQLite file, or another command's`,
    );
  }
  const found = readPragma(database, "user_version");
  if (found !== version) {
    throw new Error(
      `Cannot open ${path}: its format must be version ${version}: it is ${found}; open it with the Retort that made it`,
    );
  }
}

/** Throws unless the file at `path` begins as SQLite files do. */
function checkHeader(path: string): void {
  const header = new Uint8Array(16);
  using file = Deno.openSync(path);
  const length = file.readSync(header) ?? 0;
  if (
    new TextDecoder().decode(header.subarray(0, length)) !== "SQLite format 3\0"
  ) {
    throw new SyntaxError(
      `Cannot open ${path}: it must be a study made by Retort: it is no SQLite file`,
    );
  }
}

function connect(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: PATIENCE_MS });
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

/** Opens the study at `path` for reading and writing; throws where there is none. */
export function openStudyFile(
  path: string,
  format: StudyFormat = SWEEP_FORMAT,
  options: WaitOptions = {},
): DatabaseSync {
  if (!Deno.statSync(path).isFile) {
    throw new Error(`Cannot open ${path}: it must be a file`);
  }
  checkHeader(path);
  const database = connect(path);
  try {
    whenFree(database, () => {
      checkStudy(database, path, format);
      database.exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON");
      for (const table of ["setting", ...format.tables]) {
        database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get();
      }
    }, { ...options, path });
    return database;
  } catch (error) {
    database.close();
    throw explainSqliteError(error, path);
  }
}

/**
 * Makes an empty study at `path`, or opens the one that is there. It is made
 * under another name and then renamed: a crash never leaves half a study.
 */
export function ensureStudyFile(
  path: string,
  format: StudyFormat = SWEEP_FORMAT,
  options: WaitOptions = {},
): DatabaseSync {
  try {
    return openStudyFile(path, format, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  // The lock stays its own while SQLite, too, has the file open: theirs are of two kinds.
  using temporary = openTemporary(path);
  const beside = temporary.path;
  try {
    const database = new DatabaseSync(beside);
    database.exec(`
      BEGIN;
      PRAGMA application_id = ${format.applicationId};
      PRAGMA user_version = ${format.version};
      ${SETTING_TABLE}
      ${format.schema}
      COMMIT;
    `);
    database.close();
    Deno.renameSync(beside, path);
  } catch (error) {
    try {
      Deno.removeSync(beside);
    } catch {
      // It may never have been made: the first error is the one to tell.
    }
    throw explainSqliteError(error, path);
  }
  return openStudyFile(path, format, options);
}
