import type { LossSpec } from "../train/losses/losses.ts";

/**
 * What a column holds: a whole number, any number, text, a loss, bytes, or one of the
 * words listed.
 */
export type ColumnKind =
  | "integer"
  | "real"
  | "text"
  | "loss"
  | "bytes"
  | readonly string[];

/** Columns of a table by their names, in order; `bestEpoch` is `best_epoch` in the file. */
export type Columns = Readonly<Record<string, ColumnKind>>;

/** What a column of each kind holds, once it is read. */
export interface ColumnValues {
  /** A whole number. */
  integer: number;
  /** Any number. */
  real: number;
  /** Text. */
  text: string;
  /** A loss, which the file keeps as JSON. */
  loss: LossSpec;
  /** Bytes. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** A row of `C`, once it is read. */
export type RowOf<C extends Columns> = {
  -readonly [Name in keyof C]: C[Name] extends
    readonly (infer Word extends string)[] ? Word
    : C[Name] extends keyof ColumnValues ? ColumnValues[C[Name]]
    : never;
};

/** How a trial can end: trained, not trainable, or not worth it. */
export type TrialEnd = "done" | "failed" | "stopped";

/** One kind of study, as plain data: what its SQLite file holds of a trial. */
export interface StudyFormat {
  /** The command that makes such studies. */
  readonly command: string;
  /** In SQLite's header: tells this kind from other files. */
  readonly applicationId: number;
  /** Of the tables; a file of another is refused. */
  readonly version: number;
  /** What a trial is: two that are equal in all of it are one. */
  readonly identity: Columns;
  /** What else is known of it before it is trained. */
  readonly planned: Columns;
  /** How it can end. */
  readonly ends: readonly TrialEnd[];
  /** What is recorded once it is done, beside the model and when. */
  readonly result: Columns;
  /** The bytes of what was trained: many, and read by themselves. */
  readonly model: {
    /** Its name in the file. */
    readonly column: string;
    /** Whether they carry a checksum of their own, and are left out of the record's. */
    readonly checksummed: boolean;
  };
  /** What is kept of an epoch beside its number and scores. */
  readonly epoch: Columns;
}

/** A sweep over students, "RTRT": of each its test predictions, and the head's weights. */
export const SWEEP_FORMAT = {
  command: "sweep",
  applicationId: 0x52545254,
  version: 1,
  identity: {
    hidden: "integer",
    dropout: "real",
    loss: "loss",
    seed: "integer",
  },
  planned: {},
  ends: ["done", "failed"],
  result: {
    parameters: "integer",
    seconds: "real",
    bestEpoch: "integer",
    validationAccuracy: "real",
    validationLoss: "real",
    testAccuracy: "real",
    testLoss: "real",
    predictions: "bytes",
  },
  model: {
    column: "weights",
    checksummed: true,
  },
  epoch: {},
} as const satisfies StudyFormat;

/** A search over compact students, "RTRS": of each its `.dram` file. */
export const SEARCH_FORMAT = {
  command: "search",
  applicationId: 0x52545253,
  version: 1,
  identity: {
    layers: "text",
    bits: "integer",
    ratePenalty: "real",
    loss: "loss",
    seed: "integer",
  },
  planned: {
    parameters: "integer",
    estimatedBytes: "integer",
  },
  ends: ["done", "stopped", "failed"],
  result: {
    seconds: "real",
    validationAccuracy: "real",
    testAccuracy: "real",
  },
  model: {
    column: "dram",
    checksummed: false,
  },
  epoch: {
    phase: ["float", "quantised"],
  },
} as const satisfies StudyFormat;

/** The kind of study that a sweep makes. */
export type SweepFormat = typeof SWEEP_FORMAT;

/** The kind of study that a search makes. */
export type SearchFormat = typeof SEARCH_FORMAT;
