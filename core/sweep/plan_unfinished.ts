import {
  type CohortPlanOptions,
  fitsLimits,
  planCohorts,
} from "./plan_cohorts.ts";
import {
  forgetSetting,
  readSetting,
  type Study,
  writeSetting,
} from "./study.ts";
import { listTrials, type Trial } from "./trials.ts";

/** Where a study keeps the cohorts that it has planned, by the numbers of their trials. */
const KEY = "cohorts";

function isPlan(value: unknown): value is number[][] {
  return Array.isArray(value) && value.every(Array.isArray);
}

/** The cohorts planned before; none, with a word, where they aren't what was written. */
function readPlan(
  study: Study,
  onNote?: (note: string) => void,
): number[][] {
  try {
    const plan = readSetting(study, KEY);
    return isPlan(plan) ? plan : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onNote?.(`cohorts are planned anew: ${error.message}`);
    return [];
  }
}

/**
 * Cohorts of the trials of `study` that are planned and not done. Where a study goes on
 * that was stopped, they are those that it has planned before, so that it ends with
 * the numbers that it would have had without the stop; trials that are new, or whose
 * cohort is partly done or no longer fits, are planned among themselves.
 */
export function planUnfinished(
  study: Study,
  options: CohortPlanOptions,
  onNote?: (note: string) => void,
): Trial[][] {
  const planned = new Map(
    listTrials(study).filter(({ state }) => state === "planned")
      .map((trial) => [trial.id, trial]),
  );
  const kept = readPlan(study, onNote).flatMap((ids) => {
    const cohort = ids.flatMap((id) => planned.get(id) ?? []);
    if (cohort.length === 0 || cohort.length < ids.length) return [];
    if (cohort.length > 1 && !fitsLimits(cohort, options)) return [];
    ids.forEach((id) => planned.delete(id));
    return [cohort];
  });
  const cohorts = [...kept, ...planCohorts([...planned.values()], options)];
  if (cohorts.length > 0) {
    writeSetting(study, KEY, cohorts.map((each) => each.map(({ id }) => id)));
  }
  return cohorts;
}

/** Forgets which trials were planned together: all of them are over. */
export function forgetPlan(study: Study): void {
  forgetSetting(study, KEY);
}
