import { exists } from "../files/exists.ts";
import type { Study } from "../sweep/study.ts";
import { candidateFiles } from "./candidate_files.ts";
import { listSearchEpochs, type SearchTrial } from "./search_trials.ts";

/** The planned trials, those first that were under way. */
export async function orderPlanned(
  study: Study,
  trials: SearchTrial[],
): Promise<SearchTrial[]> {
  const planned = trials.filter(({ state }) => state === "planned");
  const underWay = await Promise.all(planned.map(async (trial) => {
    const { checkpoint } = await candidateFiles(study, trial);
    const begun = listSearchEpochs(study, trial.id).length > 0;
    return begun || await exists(checkpoint);
  }));
  return [
    ...planned.filter((_, index) => underWay[index]),
    ...planned.filter((_, index) => !underWay[index]),
  ];
}
