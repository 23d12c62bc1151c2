import { exists } from "../files/exists.ts";
import { checkpointPath } from "./checkpoint_path.ts";
import { type CohortPlanOptions, planCohorts } from "./plan_cohorts.ts";
import type { Study } from "./study.ts";
import { listTrials, type Trial } from "./trials.ts";

/**
 * Cohorts of the trials of `study` that are planned and not done. Where a study
 * goes on that was stopped, cohorts under way at that time are found again by
 * planning all of its trials as then; the rest is planned anew, for the workers
 * that there are now.
 */
export async function planUnfinished(
  study: Study,
  options: CohortPlanOptions,
): Promise<Trial[][]> {
  const trials = listTrials(study);
  const isPlanned = ({ state }: Trial) => state === "planned";
  const underWay: Trial[][] = [];
  for (const cohort of planCohorts(trials, options)) {
    if (!cohort.every(isPlanned)) continue;
    if (await exists(await checkpointPath(study, cohort))) {
      underWay.push(cohort);
    }
  }
  const found = new Set(underWay.flat());
  const rest = trials.filter((trial) => isPlanned(trial) && !found.has(trial));
  return [...underWay, ...planCohorts(rest, options)];
}
