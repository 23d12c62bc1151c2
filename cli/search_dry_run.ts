import { nameLoss } from "../core/train/losses/losses.ts";
import { type Candidate, recipeKey } from "../core/search/candidate.ts";
import type { SizedCandidate } from "../core/search/search.ts";

import { cleanText } from "../core/text/clean_text.ts";
import type { Io } from "./command.ts";
import { listStoredCandidates } from "./study_files.ts";

/** Lists the trials that the search would run, with their sizes. */
export function printDryRun(
  name: string,
  wanted: SizedCandidate[],
  io: Pick<Io, "print" | "printJson">,
): void {
  const stored = listStoredCandidates(name);
  const identify = (trial: Candidate) => `${trial.seed} ${recipeKey(trial)}`;
  const known = new Set(stored.map(identify));
  const trials = [
    ...stored.filter(({ state }) => state === "planned"),
    ...wanted.filter((candidate) => !known.has(identify(candidate))),
  ].map((trial) => {
    const { layers, bits, ratePenalty, loss, seed } = trial;
    const { parameters, estimatedBytes } = trial;
    return {
      ...{ layers, bits, ratePenalty, loss: nameLoss(loss), seed },
      ...{ parameters, estimatedBytes },
    };
  });
  for (const { layers, bits, loss, seed, ...size } of trials) {
    io.print(
      `${
        cleanText(layers)
      }, ${bits} bits, ${loss}, seed ${seed}: ${size.parameters} parameters, about ${size.estimatedBytes} bytes`,
    );
  }
  io.print(`study ${name}: ${trials.length} trials to run`);
  io.printJson({ study: name, trials });
}
