import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { checksum } from "../files/checksum.ts";
import { isRecord, parseJson } from "../files/json.ts";
import { openTemporary } from "../files/temporary_file.ts";
import { formatLoss, isLoss, parseLoss } from "../train/losses/losses.ts";
import type { EpochRecord } from "../train/training_state.ts";
import { explainSqliteError } from "./explain_sqlite_error.ts";
import {
  type ColumnKind,
  type Columns,
  type RowOf,
  type StudyFormat,
  SWEEP_FORMAT,
  type SweepFormat,
} from "./study_format.ts";
import { assertTransition, type TrialState } from "./trial_state.ts";

// All SQL is here: whoever has a study asks it for what it holds.

/** How long another program that holds a study is waited for. */
const PATIENCE_MS = 30_000;
const WORD_AFTER_MS = 1000;

/** Told, once, that a study is waited for: whoever waits may think it hangs. */
export interface WaitOptions {
  /** Takes the line that says what is waited for. */
  onWait?: (message: string) => void;
  /** How long to wait in all, in milliseconds; half a minute unless given. */
  patience?: number;
}

/** A trial of a study of the kind `F`, before it is trained and after. */
export type TrialRow<F extends StudyFormat> =
  & {
    /** Its number in the study, from 1. */
    id: number;
    /** Where it is. */
    state: StateOf<F>;
    /** Why it failed or was stopped; empty otherwise. */
    error: string;
  }
  & RowOf<F["identity"]>
  & RowOf<F["planned"]>;

/** Where a trial of a study of the kind `F` can be. */
export type StateOf<F extends StudyFormat> =
  | "planned"
  | "training"
  | F["ends"][number];

/** A trial that is done, with what is recorded of it but for epochs and model. */
export type FinishedRow<F extends StudyFormat> =
  & TrialRow<F>
  & RowOf<F["result"]>
  & {
    /** Length of its model. */
    modelBytes: number;
  };

/** An epoch of a trial. */
export type EpochRow<F extends StudyFormat> = EpochRecord & RowOf<F["epoch"]>;

/** What the training of a trial has given. */
export interface TrialRecord<F extends StudyFormat> {
  /** Its number in the study. */
  id: number;
  /** What it has measured. */
  result: RowOf<F["result"]>;
  /** What was trained, as bytes. */
  model: Uint8Array<ArrayBuffer>;
  /** Its epochs, but those that are recorded already. */
  epochs: readonly EpochRow<F>[];
}

type Row = Record<string, SQLOutputValue>;

/** Scores of an epoch, as the file calls them. */
const SCORES: Columns = {
  trainingLoss: "real",
  trainingAccuracy: "real",
  validationLoss: "real",
  validationAccuracy: "real",
};

/** The column of the file that holds `name`. */
function columnOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function columnsOf(columns: Columns): string[] {
  return Object.keys(columns).map(columnOf);
}

/** Columns to be read, under our own names. */
function selection(...parts: Columns[]): string {
  return parts.flatMap((part) => Object.keys(part))
    .map((name) => `${columnOf(name)} AS ${name}`).join(", ");
}

function placeholders(columns: readonly unknown[]): string {
  return columns.map(() => "?").join(", ");
}

const SQL_TYPES = {
  integer: "INTEGER",
  real: "REAL",
  text: "TEXT",
  loss: "TEXT",
  bytes: "BLOB",
} as const;

function isWords(kind: ColumnKind): kind is readonly string[] {
  return typeof kind !== "string";
}

function oneOf(column: string, words: readonly string[]): string {
  return `CHECK (${column} IN (${
    words.map((word) => `'${word}'`).join(", ")
  }))`;
}

/** The lines that declare `columns`, each with something in every row if `required`. */
function declare(columns: Columns, required: boolean): string[] {
  return Object.entries(columns).map(([name, kind]) => {
    const column = columnOf(name);
    const rule = required ? " NOT NULL" : "";
    return isWords(kind)
      ? `${column} TEXT${rule} ${oneOf(column, kind)}`
      : `${column} ${SQL_TYPES[kind]}${rule}`;
  });
}

/** Statements that make the tables of a study of `format`. */
function tablesOf({ identity, planned, ends, ...format }: StudyFormat): string {
  const trial = [
    "id INTEGER PRIMARY KEY",
    ...declare(identity, true),
    ...declare(planned, true),
    `state TEXT NOT NULL DEFAULT 'planned'\n    ${
      oneOf("state", ["planned", ...ends])
    }`,
    "error TEXT",
    ...declare(format.result, false),
    `${format.model.column} BLOB`,
    "finished TEXT",
    `UNIQUE (${columnsOf(identity).join(", ")})`,
  ];
  const curve = [
    "trial INTEGER NOT NULL REFERENCES trial (id)",
    "epoch INTEGER NOT NULL",
    ...declare(format.epoch, true),
    ...declare(SCORES, true),
    "PRIMARY KEY (trial, epoch)",
  ];
  const lines = (columns: string[]) => `\n  ${columns.join(",\n  ")}\n`;
  return `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE trial (${lines(trial)}) STRICT;

CREATE TABLE curve (${lines(curve)}) STRICT, WITHOUT ROWID;
`;
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("database is ") &&
    error.message.includes("locked");
}

/**
 * What `work` gives on the study at `path`, which is open as `database`. While
 * another program holds it, this waits, and after a second says so. Nothing else
 * happens in this thread meanwhile. Throws what `work` throws: after 30 s "database
 * is locked".
 */
function whenFree<T>(
  database: DatabaseSync,
  work: () => T,
  { path, onWait, patience = PATIENCE_MS }: WaitOptions & { path: string },
): T {
  const first = Math.min(patience, WORD_AFTER_MS);
  const wait = (milliseconds: number) =>
    database.exec(`PRAGMA busy_timeout = ${milliseconds}`);
  try {
    wait(first);
    return work();
  } catch (error) {
    if (!isHeld(error) || patience <= first) throw error;
    onWait?.(
      `waiting for ${path}: another program holds it; for ${
        Math.round((patience - first) / 1000)
      } s more at the most`,
    );
    wait(patience - first);
    return work();
  } finally {
    wait(PATIENCE_MS);
  }
}

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

/** Opens the study at `path` for reading and writing; throws where there is none. */
function connect(
  path: string,
  format: StudyFormat,
  options: WaitOptions,
): DatabaseSync {
  if (!Deno.statSync(path).isFile) {
    throw new Error(`Cannot open ${path}: it must be a file`);
  }
  checkHeader(path);
  let database: DatabaseSync | undefined;
  try {
    const opened = database = new DatabaseSync(path, { timeout: PATIENCE_MS });
    whenFree(opened, () => {
      checkStudy(opened, path, format);
      opened.exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON");
      for (const table of ["setting", "trial", "curve"]) {
        opened.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get();
      }
    }, { ...options, path });
    return opened;
  } catch (error) {
    database?.close();
    throw explainSqliteError(error, path);
  }
}

/**
 * Makes an empty study at `path`, under another name that is then changed: a crash
 * never leaves half a study.
 */
export function makeStudyFile(path: string, format: StudyFormat): void {
  // The lock stays its own while SQLite, too, has the file open: theirs are of two kinds.
  using temporary = openTemporary(path);
  const beside = temporary.path;
  try {
    const database = new DatabaseSync(beside);
    database.exec(`
      BEGIN;
      PRAGMA application_id = ${format.applicationId};
      PRAGMA user_version = ${format.version};
      ${tablesOf(format)}
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
}

/** Under which key the checksum of an entry is kept. */
function checksumKey(key: string): string {
  return `checksum of ${key}`;
}

/** Under which key the checksum of what is recorded of a trial is kept. */
function recordKey(id: number): string {
  return `record of trial ${id}`;
}

function textChecksum(text: string): number {
  return checksum(new TextEncoder().encode(text));
}

function hasKind(value: unknown, kind: ColumnKind): boolean {
  if (isWords(kind)) return kind.some((word) => word === value);
  if (kind === "loss") return isRecord(value);
  if (kind === "bytes") return value instanceof Uint8Array;
  if (kind === "text") return typeof value === "string";
  return typeof value === "number";
}

function isRowOf<C extends Columns>(
  values: Record<string, unknown>,
  columns: C,
): values is Record<string, unknown> & RowOf<C> {
  return Object.entries(columns).every(([name, kind]) =>
    hasKind(values[name], kind)
  );
}

/** What is kept of `row`, in the order of `columns`. */
function encodeRow(
  columns: Columns,
  row: Readonly<Record<string, unknown>>,
): (number | string | Uint8Array)[] {
  return Object.keys(columns).map((name) => {
    const value = row[name];
    if (typeof value === "number" || typeof value === "string") return value;
    if (value instanceof Uint8Array) return value;
    if (isLoss(value)) return formatLoss(value);
    throw new TypeError(
      `Cannot keep a trial: its ${name} must be a number, text, bytes or a loss: current value is ${value}`,
    );
  });
}

/**
 * A study: one SQLite file, in which every finished trial survives any crash; a
 * sweep's unless `F` is another kind. Opened by {@linkcode openStudy}.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { planBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "./study.ts";
 *
 * using study = openStudy(await planBarsStudy());
 * study.begin([1]);
 * study.close([1], "failed", "its loss is not finite");
 * assertEquals(study.list().map(({ state }) => state), ["failed", "planned"]);
 * assertThrows(() => study.begin([1]), Error, "it must be planned before");
 * ```
 */
export class Study<F extends StudyFormat = SweepFormat> {
  /** Its file. */
  readonly path: string;
  /** What it holds. */
  readonly format: F;
  readonly #database: DatabaseSync;
  readonly #onWait?: (message: string) => void;
  /** Trials that this process trains; in the file they are planned. */
  readonly #training = new Set<number>();

  /** Opens the study at `path`; throws as {@linkcode openStudy} does. */
  constructor(path: string, format: F, options: WaitOptions = {}) {
    this.path = path;
    this.format = format;
    this.#database = connect(path, format, options);
    this.#onWait = options.onWait;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Runs `work` as one transaction, or in the one there is: all of its changes are kept, or none. */
  #transact(work: () => void): void {
    const database = this.#database;
    if (database.isTransaction) return work();
    whenFree(database, () => database.exec("BEGIN IMMEDIATE"), {
      path: this.path,
      onWait: this.#onWait,
    });
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      // On a full disk SQLite has done so itself: the first error is the one to tell.
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * Reads one entry of the study's settings; `undefined` where there is none. Throws a
   * `SyntaxError` where it isn't what was written; entries from before there were
   * checksums are taken as they are.
   */
  readSetting(key: string): unknown {
    const select = this.#database
      .prepare("SELECT value FROM setting WHERE key = ?");
    const text = select.get(key)?.value;
    if (typeof text !== "string") return undefined;
    const wanted = select.get(checksumKey(key))?.value;
    try {
      const value = parseJson(text, `${key} of ${this.path}`);
      if (wanted === undefined || wanted === String(textChecksum(text))) {
        return value;
      }
    } catch {
      // Told below.
    }
    throw new SyntaxError(
      `Cannot use the study ${this.path}: its ${key} must be what was written: it is not; bring back a copy of the study, or choose another name with --study`,
    );
  }

  /** Writes one entry of the study's settings, with its checksum. */
  writeSetting(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#transact(() => {
      this.#database
        .prepare(
          "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?), (?, ?)",
        )
        .run(key, text, checksumKey(key), String(textChecksum(text)));
    });
  }

  /** Removes one entry of the study's settings, if it is there. */
  forgetSetting(key: string): void {
    this.#transact(() => {
      this.#database.prepare("DELETE FROM setting WHERE key IN (?, ?)")
        .run(key, checksumKey(key));
    });
  }

  /**
   * Adds the trials that the study doesn't hold yet, as planned; those that it
   * holds stay as they are, so that none is ever trained twice.
   */
  plan(
    trials: readonly (RowOf<F["identity"]> & RowOf<F["planned"]>)[],
  ): void {
    const columns: Columns = {
      ...this.format.identity,
      ...this.format.planned,
    };
    const names = columnsOf(columns);
    const insert = this.#database.prepare(
      `INSERT OR IGNORE INTO trial (${names.join(", ")}) VALUES (${
        placeholders(names)
      })`,
    );
    this.#transact(() => {
      for (const trial of trials) insert.run(...encodeRow(columns, trial));
    });
  }

  #decode<C extends Columns>(columns: C, row: Row): RowOf<C> {
    const values = Object.fromEntries(
      Object.entries(columns).map(([name, kind]) => {
        const value = row[name];
        if (kind === "loss" && typeof value === "string") {
          const source = `a trial's loss of the study ${this.path}`;
          return [name, parseLoss(value, source)];
        }
        if (value instanceof Uint8Array) return [name, new Uint8Array(value)];
        return [name, value];
      }),
    );
    if (isRowOf(values, columns)) return values;
    throw new SyntaxError(
      `Cannot use the study ${this.path}: its trials must have ${
        Object.keys(columns).join(", ")
      } of their kinds: one has not; bring back a copy of the study, or choose another name with --study`,
    );
  }

  #isState(state: unknown): state is StateOf<F> {
    return state === "planned" || state === "training" ||
      this.format.ends.some((end) => end === state);
  }

  /** Where the trial in `row` is. */
  #stateIn({ id, state }: Row): StateOf<F> {
    if (this.#training.has(Number(id))) return "training";
    // What isn't known is trained again.
    return this.#isState(state) ? state : "planned";
  }

  #stateOf(id: number): StateOf<F> {
    const row = this.#database
      .prepare("SELECT id, state FROM trial WHERE id = ?").get(id);
    if (row) return this.#stateIn(row);
    throw new RangeError(
      `Cannot find trial ${id} of the study ${this.path}: there is none`,
    );
  }

  /** Throws unless the trial numbered `id` can go to `state` from where it is. */
  #assertMove(id: number, state: TrialState): void {
    if (this.#isState(state)) {
      return assertTransition(id, this.#stateOf(id), state);
    }
    const { command, ends } = this.format;
    throw new Error(
      `Cannot make trial ${id} ${state}: trials of \`deno task ${command}\` end as ${
        ends.join(" or ")
      }`,
    );
  }

  #decodeTrial(row: Row): TrialRow<F> {
    return {
      id: Number(row.id),
      state: this.#stateIn(row),
      error: String(row.error ?? ""),
      ...this.#decode<F["identity"]>(this.format.identity, row),
      ...this.#decode<F["planned"]>(this.format.planned, row),
    };
  }

  /** All trials, in the order in which they were planned. */
  list(): TrialRow<F>[] {
    const { identity, planned } = this.format;
    return this.#database.prepare(
      `SELECT id, state, error, ${
        selection(identity, planned)
      } FROM trial ORDER BY id`,
    ).all().map((row) => this.#decodeTrial(row));
  }

  /** Whether a trial is in one of `states`; those that are trained are planned here. */
  has(...states: Exclude<TrialState, "training">[]): boolean {
    return this.#database.prepare(
      `SELECT 1 FROM trial WHERE state IN (${placeholders(states)}) LIMIT 1`,
    ).get(...states) !== undefined;
  }

  /**
   * The trials that are done, in that order, with their measurements. Throws a
   * `SyntaxError` where one isn't what was recorded.
   */
  listFinished(): FinishedRow<F>[] {
    const { identity, planned, result, model } = this.format;
    return this.#database.prepare(
      `SELECT id, state, error, length(${model.column}) AS modelBytes, ${
        selection(identity, planned, result)
      } FROM trial WHERE state = 'done' ORDER BY id`,
    ).all().map((row) => {
      this.#checkRecord(Number(row.id));
      return {
        ...this.#decodeTrial(row),
        ...this.#decode<F["result"]>(result, row),
        modelBytes: Number(row.modelBytes),
      };
    });
  }

  /** The epochs that the trial numbered `id` has told of, in order. */
  listEpochs(id: number): EpochRow<F>[] {
    const { epoch } = this.format;
    return this.#database.prepare(
      `SELECT epoch AS number, ${
        selection(epoch, SCORES)
      } FROM curve WHERE trial = ? ORDER BY epoch`,
    ).all(id).map((row) => ({
      epoch: Number(row.number),
      training: {
        loss: Number(row.trainingLoss),
        accuracy: Number(row.trainingAccuracy),
      },
      validation: {
        loss: Number(row.validationLoss),
        accuracy: Number(row.validationAccuracy),
      },
      ...this.#decode<F["epoch"]>(epoch, row),
    }));
  }

  /**
   * What was trained in a trial, as bytes. Throws an `Error` where it isn't done, a
   * `SyntaxError` where it isn't what was recorded, unless the bytes themselves tell.
   */
  readModel({ id }: { id: number }): Uint8Array<ArrayBuffer> {
    const { command, model: { column, checksummed } } = this.format;
    if (!checksummed) this.#checkRecord(id);
    const state = this.#stateOf(id);
    if (state !== "done") {
      throw new Error(
        `Cannot export trial ${id}: it must be done: it is ${state}; run \`deno task ${command} --resume\``,
      );
    }
    const row = this.#database
      .prepare(`SELECT ${column} AS model FROM trial WHERE id = ?`).get(id);
    if (row?.model instanceof Uint8Array) return new Uint8Array(row.model);
    throw new SyntaxError(
      `Cannot use the study ${this.path}: trial ${id} must hold what was trained: it does not; \`deno task ${command} --resume\` trains it again`,
    );
  }

  /** Keeps epochs of the trial numbered `id`, in place of an earlier telling. */
  recordEpochs(id: number, epochs: readonly EpochRow<F>[]): void {
    const { epoch: columns } = this.format;
    const count = 2 + Object.keys({ ...columns, ...SCORES }).length;
    const insert = this.#database.prepare(
      `INSERT OR REPLACE INTO curve VALUES (${
        placeholders(new Array(count).fill(0))
      })`,
    );
    this.#transact(() => {
      for (const each of epochs) {
        const { epoch, training, validation, ...rest } = each;
        insert.run(
          id,
          epoch,
          ...encodeRow(columns, rest),
          training.loss,
          training.accuracy,
          validation.loss,
          validation.accuracy,
        );
      }
    });
  }

  /** Takes trials that are planned to be trained by this process. */
  begin(ids: readonly number[]): void {
    ids.forEach((id) => this.#assertMove(id, "training"));
    ids.forEach((id) => this.#training.add(id));
  }

  /** Those of `ids` that this process trains are planned again: it won't go on now. */
  release(ids: readonly number[]): void {
    ids.forEach((id) => this.#training.delete(id));
  }

  /**
   * Records that trials are done, all of them or, where one can't be recorded, none:
   * metrics, epochs and models at once.
   */
  finish(records: readonly TrialRecord<F>[]): void {
    const { result, model } = this.format;
    const columns = [...columnsOf(result), model.column, "finished"];
    const update = this.#database.prepare(
      `UPDATE trial SET state = 'done', error = NULL, ${
        columns.map((column) => `${column} = ?`).join(", ")
      } WHERE id = ?`,
    );
    this.#transact(() => {
      for (const record of records) {
        const { id } = record;
        this.#assertMove(id, "done");
        update.run(
          ...encodeRow(result, record.result),
          record.model,
          new Date().toISOString(),
          id,
        );
        this.recordEpochs(id, record.epochs);
        this.writeSetting(recordKey(id), this.#recordChecksum(id));
      }
    });
    records.forEach(({ id }) => this.#training.delete(id));
  }

  /** Records that trials could not be trained, or are not worth it, and why. */
  close(
    ids: readonly number[],
    state: "failed" | "stopped",
    reason: string,
  ): void {
    const update = this.#database
      .prepare("UPDATE trial SET state = ?, error = ? WHERE id = ?");
    this.#transact(() => {
      for (const id of ids) {
        this.#assertMove(id, state);
        update.run(state, reason, id);
      }
    });
    ids.forEach((id) => this.#training.delete(id));
  }

  /** Makes trials planned again that have failed, or were stopped. */
  replan(state: "failed" | "stopped"): void {
    this.#transact(() => {
      this.#database.prepare(
        "UPDATE trial SET state = 'planned', error = NULL WHERE state = ?",
      ).run(state);
    });
  }

  /**
   * Makes trials planned again whose record is not what was written, or whose model
   * `checkModel` refuses by a `SyntaxError`, without their epochs, and tells `onNote`
   * of each.
   */
  replanDamaged(
    { checkModel, onNote }: {
      checkModel?: (model: Uint8Array<ArrayBuffer>, id: number) => void;
      onNote?: (note: string) => void;
    },
  ): void {
    const done = this.#database
      .prepare("SELECT id FROM trial WHERE state = 'done'").all();
    const replan = this.#database
      .prepare("UPDATE trial SET state = 'planned', error = NULL WHERE id = ?");
    const forget = this.#database.prepare("DELETE FROM curve WHERE trial = ?");
    for (const id of done.map((row) => Number(row.id))) {
      try {
        this.#checkRecord(id);
        checkModel?.(this.readModel({ id }), id);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        this.#transact(() => {
          replan.run(id);
          forget.run(id);
        });
        onNote?.(`trial ${id} is trained again: ${error.message}`);
      }
    }
  }

  /** Checksum of what is recorded of a trial, its epochs too. */
  #recordChecksum(id: number): number {
    const { identity, planned, result, model } = this.format;
    const recorded = [
      ...[identity, planned, result].flatMap(columnsOf),
      ...model.checksummed ? [] : [model.column],
      "finished",
    ];
    const trial = this.#database
      .prepare(`SELECT ${recorded.join(", ")} FROM trial WHERE id = ?`).get(id);
    const curve = this.#database
      .prepare("SELECT * FROM curve WHERE trial = ? ORDER BY epoch").all(id);
    return textChecksum(JSON.stringify(
      [trial, curve],
      (_, value) => value instanceof Uint8Array ? checksum(value) : value,
    ));
  }

  /**
   * Throws a `SyntaxError` unless what the study tells of a trial that is done is what was
   * recorded; trials from before there were checksums are taken as they are.
   */
  #checkRecord(id: number): void {
    const wanted = this.readSetting(recordKey(id));
    if (wanted === undefined || wanted === this.#recordChecksum(id)) return;
    throw new SyntaxError(
      `Cannot use the study ${this.path}: trial ${id} must be what was recorded: its checksum is another; \`deno task ${this.format.command} --resume\` trains it again`,
    );
  }
}

/**
 * Opens the study of a sweep at `path` as it is.
 *
 * Throws `Deno.errors.NotFound` where there is none, a `SyntaxError` where the
 * file is no study, an `Error` where its format is of another version.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { openStudy } from "./study.ts";
 *
 * assertThrows(() => openStudy("/no/such/study.db"), Deno.errors.NotFound);
 * ```
 */
export function openStudy(path: string): Study;
/**
 * Opens the study of the kind `format` at `path` as it is.
 *
 * Throws `Deno.errors.NotFound` where there is none, a `SyntaxError` where the
 * file is no such study, an `Error` where its format is of another version.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { planBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "./study.ts";
 * import { SEARCH_FORMAT } from "./study_format.ts";
 *
 * const path = await planBarsStudy(); // a sweep's
 * assertThrows(() => openStudy(path, SEARCH_FORMAT), SyntaxError, "another command's");
 * ```
 */
export function openStudy<F extends StudyFormat>(
  path: string,
  format: F,
  options?: WaitOptions,
): Study<F>;
export function openStudy(
  path: string,
  format: StudyFormat = SWEEP_FORMAT,
  options: WaitOptions = {},
): Study<StudyFormat> {
  return new Study(path, format, options);
}
