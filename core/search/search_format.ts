import type { StudyFormat } from "../sweep/study_format.ts";

/** A search over compact students: "RTRS". */
export const SEARCH_FORMAT: StudyFormat = {
  command: "search",
  applicationId: 0x52545253,
  version: 1,
  tables: ["trial", "curve"],
  recorded: [
    "layers",
    "bits",
    "rate_penalty",
    "loss",
    "seed",
    "parameters",
    "estimated_bytes",
    "seconds",
    "validation_accuracy",
    "test_accuracy",
    "dram",
    "finished",
  ],
  schema: `
CREATE TABLE trial (
  id INTEGER PRIMARY KEY,
  layers TEXT NOT NULL,
  bits INTEGER NOT NULL,
  rate_penalty REAL NOT NULL,
  loss TEXT NOT NULL,
  seed INTEGER NOT NULL,
  parameters INTEGER NOT NULL,
  estimated_bytes INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'done', 'stopped', 'failed')),
  error TEXT,
  seconds REAL,
  validation_accuracy REAL,
  test_accuracy REAL,
  dram BLOB,
  finished TEXT,
  UNIQUE (layers, bits, rate_penalty, loss, seed)
) STRICT;

CREATE TABLE curve (
  trial INTEGER NOT NULL REFERENCES trial (id),
  epoch INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('float', 'quantised')),
  training_loss REAL NOT NULL,
  training_accuracy REAL NOT NULL,
  validation_loss REAL NOT NULL,
  validation_accuracy REAL NOT NULL,
  PRIMARY KEY (trial, epoch)
) STRICT, WITHOUT ROWID;
`,
};
