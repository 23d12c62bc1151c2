import { exists } from "../files/exists.ts";
import { isRecord } from "../files/json.ts";
import { checkpointPath } from "./checkpoint_path.ts";
import { type CohortPlanOptions, planCohorts } from "./plan_cohorts.ts";
import {
  inTransaction,
  readSetting,
  type Study,
  writeSetting,
} from "./study.ts";
import { listTrials, type Trial } from "./trials.ts";

const KEY = "plan";

/** Notes which trials are trained together, until {@linkcode forgetPlan}. */
export function keepPlan(
  study: Study,
  cohorts: readonly Trial[][],
  { workers }: { workers: number },
): void {
  const ids = cohorts.map((cohort) => cohort.map(({ id }) => id));
  writeSetting(study, KEY, { workers, cohorts: ids });
}

/** Forgets the plan: all of it is done. */
export function forgetPlan(study: Study): void {
  inTransaction(study, () => {
    study.database.prepare("DELETE FROM setting WHERE key = ?").run(KEY);
  });
}

/** The cohorts that a stopped run for as many workers had planned. */
function readPlan(study: Study, workers: number, trials: Trial[]): Trial[][] {
  const plan = readSetting(study, KEY);
  if (!isRecord(plan) || plan.workers !== workers) return [];
  if (!Array.isArray(plan.cohorts)) return [];
  return plan.cohorts.map((ids: unknown) =>
    trials.filter(({ id }) => Array.isArray(ids) && ids.includes(id))
  );
}

/**
 * Cohorts of the trials of `study` that are planned and not done. Where a study
 * goes on that was stopped, cohorts stay what they were: who trains with whom decides
 * the last digits of what comes out. Those of a plan that was kept (see
 * {@linkcode keepPlan}) are taken from that, as far as they fit; those under way
 * without one are found again by planning all trials as then; the rest is planned
 * anew, for the workers that there are now.
 */
export async function planUnfinished(
  study: Study,
  options: CohortPlanOptions,
): Promise<Trial[][]> {
  const trials = listTrials(study);
  const isPlanned = ({ state }: Trial) => state === "planned";
  const fits = (cohort: Trial[]) =>
    planCohorts(cohort, { ...options, workers: 1 }).length === 1;
  const found = readPlan(study, options.workers, trials).filter((cohort) =>
    cohort.length > 0 && cohort.every(isPlanned) && fits(cohort)
  );
  for (const cohort of planCohorts(trials, options)) {
    const taken = new Set(found.flat());
    if (!cohort.every((trial) => isPlanned(trial) && !taken.has(trial))) {
      continue;
    }
    if (await exists(await checkpointPath(study, cohort))) found.push(cohort);
  }
  const taken = new Set(found.flat());
  const rest = trials.filter((trial) => isPlanned(trial) && !taken.has(trial));
  return [...found, ...planCohorts(rest, options)];
}
