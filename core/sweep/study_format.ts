/** What the SQLite file of one kind of study holds, beside its settings. */
export interface StudyFormat {
  /** The command that makes such studies. */
  command: string;
  /** In SQLite's header: tells this kind from other files. */
  applicationId: number;
  /** Of the tables; a file of another is refused. */
  version: number;
  /** Statements that make the tables. */
  schema: string;
  /** Their names. */
  tables: readonly string[];
  /** What is recorded of a trial that is done, and has no checksum of its own: columns. */
  recorded: readonly string[];
}

/** A sweep over students: "RTRT". */
export const SWEEP_FORMAT: StudyFormat = {
  command: "sweep",
  applicationId: 0x52545254,
  version: 1,
  tables: ["trial", "curve"],
  recorded: [
    "hidden",
    "dropout",
    "loss",
    "seed",
    "parameters",
    "seconds",
    "best_epoch",
    "validation_accuracy",
    "validation_loss",
    "test_accuracy",
    "test_loss",
    "predictions",
    "finished",
  ],
  schema: `
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
`,
};
