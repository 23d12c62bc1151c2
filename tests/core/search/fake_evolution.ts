import {
  beginEvolution,
  type EvolutionSpec,
} from "../../../core/search/evolution.ts";
import type { Candidate } from "../../../core/search/candidate.ts";
import type { SearchOptions } from "../../../core/search/search.ts";
import { SEARCH_TRAINING } from "../../../core/search/search_training.ts";
import { sizeCandidates } from "../../../core/search/size_candidates.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { makeBars } from "../bars.ts";
import { fakeSearch, type FakeTrainer, fakeTrainer } from "./fake_search.ts";

const SETTING = { dataset: makeBars(), training: SEARCH_TRAINING };

/** An evolution of students of bars from four founders. */
export function fakeEvolution(
  { trials = 16, seed = 1 }: { trials?: number; seed?: number } = {},
): EvolutionSpec {
  const founders = ["dense6", "conv3x4,mean"].flatMap((layers) =>
    [2, 4].map((bits) => ({
      ...{ layers, bits, ratePenalty: 0.05 },
      loss: { kind: "logit-mse" } as const,
    }))
  );
  return beginEvolution(founders, { seed, trials }, SETTING);
}

/** A trainer of any layers: files are as large as estimated, larger ones better, with luck. */
export function fakeBreeder(
  beforeEpoch?: (candidate: Candidate, epoch: number) => void,
): FakeTrainer {
  const bytesOf = (candidate: Candidate) =>
    sizeCandidates([candidate], SETTING)[0].estimatedBytes;
  return fakeTrainer(
    (candidate) => {
      const luck = randomStream(candidate.seed, "luck").uniform();
      return 1 - (0.3 + 0.2 * luck) / Math.log10(bytesOf(candidate)) ** 2;
    },
    beforeEpoch,
    bytesOf,
  );
}

/** The options of a search by evolution into the study at `path`. */
export function fakeEvolving(
  path: string,
  trainer: FakeTrainer,
  change: Partial<SearchOptions> = {},
): SearchOptions {
  return fakeSearch(path, trainer, {
    ...{ candidates: [], evolution: fakeEvolution() },
    ...change,
  });
}
