import { DatabaseSync } from "node:sqlite";

/** A search of the tiny digits: two students, of two seeds, in some seconds. */
export const SEARCH = [
  ...["search", "--data", "digits", "--teacher", "teacher"],
  ...["--backend", "wasm", "--layers", "pool2, dense8; pool2,dense24"],
  ...["--bits", "4", "--seeds", "1,2", "--loss", "logit-mse"],
  ...["--epochs", "3", "--quantised-epochs", "2", "--batch", "8"],
  ...["--copies", "2", "--learning-rate", "0.01", "--averaging", "0.9"],
  "--exhaustive",
];

/** Every trial of the search at `path`, as its file keeps it. */
export function readSearchTrials(path: string) {
  using database = new DatabaseSync(path);
  return database.prepare(
    `SELECT layers, seed, state, error, finished, validation_accuracy,
      test_accuracy, hex(dram) AS dram FROM trial ORDER BY layers, seed`,
  ).all();
}

/** An evolution of the tiny digits from two students, six in all, one at a time. */
export const EVOLUTION = [
  ...["search", "--data", "digits", "--teacher", "teacher"],
  ...["--backend", "wasm", "--layers", "pool2,dense8;pool2,conv3x4,mean"],
  ...["--bits", "4", "--evolve", "6", "--workers", "1", "--seed", "3"],
  ...["--loss", "logit-mse", "--epochs", "3", "--quantised-epochs", "2"],
  ...["--batch", "8", "--copies", "2", "--learning-rate", "0.01"],
  ...["--averaging", "0.9", "--exhaustive"],
];
