import { nameLoss } from "../../../core/train/losses/losses.ts";
/**
 * A sweep on a scale of seconds: two cohorts of three students each.
 *
 * @module
 */
import type { FeatureStore } from "../../../core/distill/feature_store.ts";

import {
  listStudents,
  type SearchSpace,
} from "../../../core/sweep/search_space.ts";
import { openStudy } from "../../../core/study/study.ts";
import type { SweepOptions } from "../../../core/sweep/sweep.ts";
import {
  listFinishedTrials,
  listTrials,
  readTrialWeights,
} from "../../../core/sweep/trials.ts";
import {
  TINY_TRAINING,
  type TinyExperiment,
} from "../distill/tiny_experiment.ts";

/** Widths in one pass, a pass for each of two seeds. */
export const TINY_SPACE: SearchSpace = {
  hidden: [2, 5, 9],
  dropout: [0.2],
  losses: [{ kind: "logit-mse" }],
  seeds: [1, 2],
};

/** Six epochs of twelve steps, told and saved after each epoch. */
export const STEPS = 6 * 12;

/** The options of a sweep over `space` into the study at `path`. */
export function tinySweep(
  { teacher, dataset }: TinyExperiment,
  store: FeatureStore,
  path: string,
  space: SearchSpace = TINY_SPACE,
): SweepOptions {
  return {
    name: "tiny",
    path,
    teacher,
    dataset,
    store,
    students: listStudents(space),
    training: { ...TINY_TRAINING, epochs: 6, patience: 6 },
    backend: { name: "wasm", adapter: null, reason: "" },
    workers: 1,
  };
}

/** All that the study at `path` has found, but for times, in a fixed order. */
export function readFindings(path: string) {
  using study = openStudy(path);
  return listFinishedTrials(study).map((trial) => {
    const { id: _, seconds: __, ...found } = trial;
    return { ...found, weights: readTrialWeights(study, trial) };
  });
}

/** `width loss seed: state` of each trial of the study at `path`. */
export function readStates(path: string): string[] {
  using study = openStudy(path);
  return listTrials(study).map(({ hidden, loss, seed, state }) =>
    `${hidden} ${nameLoss(loss)} ${seed}: ${state}`
  );
}

/** Names of the files beside the study at `path` that hold unfinished cohorts. */
export function listCheckpoints(path: string): string[] {
  const folder = path.replace(/[^/]*$/, "");
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".checkpoint"));
}
