import { DatabaseSync } from "node:sqlite";
import { explainSqliteError } from "./explain_sqlite_error.ts";

/** "RTRT": tells a study apart from other SQLite files. */
const APPLICATION_ID = 0x52545254;
const VERSION = 1;

const SCHEMA = `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE trial (
  id INTEGER PRIMARY KEY,
  hidden INTEGER NOT NULL,
  dropout REAL NOT NULL,
  loss TEXT NOT NULL,
  seed INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'done', 'failed')),
  error TEXT,
  parameters INTEGER,
  seconds REAL,
  best_epoch INTEGER,
  validation_accuracy REAL,
  validation_loss REAL,
  test_accuracy REAL,
  test_loss REAL,
  predictions BLOB,
  weights BLOB,
  finished TEXT,
  UNIQUE (hidden, dropout, loss, seed)
) STRICT;

CREATE TABLE curve (
  trial INTEGER NOT NULL REFERENCES trial (id),
  epoch INTEGER NOT NULL,
  training_loss REAL NOT NULL,
  training_accuracy REAL NOT NULL,
  validation_loss REAL NOT NULL,
  validation_accuracy REAL NOT NULL,
  PRIMARY KEY (trial, epoch)
) STRICT, WITHOUT ROWID;
`;

/** The number that a `PRAGMA` gives. */
function readPragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name]);
}

/** Throws unless `database`, at `path`, is a study of this version. */
function checkStudy(database: DatabaseSync, path: string): void {
  if (readPragma(database, "application_id") !== APPLICATION_ID) {
    throw new SyntaxError(
      `Cannot open ${path}: it must be a study made by Retort: it is another program's SQLite file`,
    );
  }
  const version = readPragma(database, "user_version");
  if (version !== VERSION) {
    throw new Error(
      `Cannot open ${path}: its format must be version ${VERSION}: it is ${version}; open it with the Retort that made it`,
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
    return new DatabaseSync(path);
  } catch (error) {
    throw explainSqliteError(error, path);
  }
}

/** Opens the study at `path` for reading and writing; throws where there is none. */
export function openStudyFile(path: string): DatabaseSync {
  if (!Deno.statSync(path).isFile) {
    throw new Error(`Cannot open ${path}: it must be a file`);
  }
  checkHeader(path);
  const database = connect(path);
  try {
    checkStudy(database, path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON");
    database.prepare("SELECT 1 FROM setting, trial, curve LIMIT 1").get();
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
export function ensureStudyFile(path: string): DatabaseSync {
  try {
    return openStudyFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const beside = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    const database = new DatabaseSync(beside);
    database.exec(`
      BEGIN;
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${VERSION};
      ${SCHEMA}
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
  return openStudyFile(path);
}
