import { exists } from "../files/exists.ts";
import { type ContextSource, keepContext } from "../study/context.ts";
import { runGroups, type TrialGroup } from "../study/run_groups.ts";
import { runStudy, studySetting } from "../study/run_study.ts";
import { SEARCH_FORMAT } from "../study/study_format.ts";
import { type Candidate, recipeKey, recipeOf } from "./candidate.ts";
import {
  type EvolutionSpec,
  keepEvolution,
  listFounders,
  type Parent,
  proposeCandidate,
} from "./evolution.ts";
import type { SearchResult } from "./search_result.ts";
import type { SearchTraining } from "./search_training.ts";
import {
  listFinishedSearchTrials,
  listSearchTrials,
  type SearchEpoch,
  type SearchStudy,
  type SearchTrial,
} from "./search_trials.ts";
import {
  findDominating,
  type Standing,
  type StoppingRule,
} from "./stopping.ts";
import { readClock, recordClock, recordElapsed } from "./search_clock.ts";
import { sizeCandidates } from "./size_candidates.ts";
import { summariseSearch } from "./summarise_search.ts";
import {
  type CandidateEvent,
  candidateFiles,
  type CandidateTask,
  floatKey,
  type TrainCandidate,
  type TrainedCandidate,
} from "./train_candidate.ts";

/** Told of each trial as it is done, with what it came to, or is closed. */
export type OnSearchTrial = (
  trial: SearchTrial,
  trained?: TrainedCandidate,
) => void;

/**
 * Told how many trials are done or closed, with shares of those under way, of
 * how many; and which has just told something, with its latest epoch.
 */
export type OnSearchProgress = (
  done: number,
  total: number,
  now: { trial: SearchTrial; epoch?: SearchEpoch },
) => void;

/** How the planned trials of a search are run. */
export interface RunSearchOptions {
  /** Trains one candidate. */
  train: TrainCandidate;
  /** When to stop a trial early; none is where this isn't given. */
  stopping?: StoppingRule;
  /** Trials at a time. */
  workers: number;
  /** How to go on once what is planned is begun; a grid where this isn't given. */
  evolution?: EvolutionSpec;
  /** Told of each trial as it is done or closed. */
  onTrial?: OnSearchTrial;
  /** Told how far all of them are. */
  onProgress?: OnSearchProgress;
  /** Saves where trials stand, then stops, when this is aborted. */
  signal?: AbortSignal;
}

/** What a search works with, and how. */
export interface SearchOptions extends RunSearchOptions, ContextSource {
  /** File of the study; begun if there is none. */
  path: string;
  /**
   * Students to try, beside those that the study has planned already; none of an
   * evolution, which begins with its founders, nor where one is gone on with as it began.
   */
  candidates: Candidate[];
  /** What their training has in common; another one needs another study. */
  training: SearchTraining;
  /** Told, in words, where another program holds the study and is waited for. */
  onWait?: (message: string) => void;
  /** Whether to try again what failed. */
  retryFailed?: boolean;
}

/**
 * Trains every candidate that the study in `path` lacks, some at a time, and
 * reports on all that it holds. What is done is never trained again; a kill at any
 * moment loses at most what came after the last checkpoints. Small ones come
 * first, so that larger ones which are no better can be stopped early, as
 * `stopping` says; without it, those that were stopped before are trained too.
 *
 * With `evolution`, or where the study was begun with one, what comes after the
 * founders is proposed one by one, when a worker is free, from what is done by then
 * (see {@linkcode proposeCandidate}). The study alone is gone on from: with one worker
 * equal seeds give equal trials, disturbed or not. With more, a proposal depends on
 * which trials were done before it, and so on how fast each was.
 *
 * Every choice is made on validation images; a finished file is scored once on
 * the test images, to report.
 *
 * Throws a `SyntaxError` where the file is no search; an `Error` where it was
 * begun with another teacher, dataset or training, another process is running it,
 * or no trial is done in the end; and the signal's reason when that is aborted. A
 * trial that fails is recorded, and the rest go on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { search } from "./search.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * const { trials, recipes } = await search(fakeSearch(path, fakeTrainer()));
 * assertEquals(trials.length, 6); // three recipes of two seeds
 * assertEquals(recipes.map(({ layers }) => layers), ["dense2", "dense4", "dense8"]);
 * ```
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const format = SEARCH_FORMAT;
  const setting = studySetting(options);
  return await runStudy({ ...options, format, setting }, async (study) => {
    const { candidates } = options;
    const evolution = keepEvolution(study, options.evolution, {
      grid: candidates.length,
    });
    study.plan(
      evolution
        ? listFounders(evolution, options)
        : sizeCandidates(candidates, options),
    );
    study.replanDamaged({ onNote: options.onNote });
    if (options.retryFailed) study.replan("failed");
    if (!options.stopping) study.replan("stopped");
    const breeds = evolution !== undefined &&
      study.list().length < evolution.trials;
    await keepContext(
      study,
      { ...options, trains: breeds || study.has("planned") },
      () => trainCandidates(study, { ...options, evolution }),
    );
    return summariseSearch(study);
  });
}

/** Why a trial is stopped, in words. */
function describeRival({ trial }: Standing, rung: number): string {
  return `dominated at epoch ${rung} by trial ${trial.id}: ${trial.layers}, ${trial.bits} bits, rate penalty ${trial.ratePenalty}, seed ${trial.seed}`;
}

/** A trial that is trained by itself. */
interface CandidateGroup
  extends TrialGroup<CandidateTask, CandidateEvent, TrainedCandidate> {
  own: Standing;
}

/** Those of `groups` first that were under way. */
async function orderGroups(
  groups: CandidateGroup[],
): Promise<CandidateGroup[]> {
  const underWay = await Promise.all(
    groups.map(async ({ own, task }) =>
      own.epochs.length > 0 || await exists(task.files.checkpoint)
    ),
  );
  return [
    ...groups.filter((_, index) => underWay[index]),
    ...groups.filter((_, index) => !underWay[index]),
  ];
}

/**
 * Trains the planned trials of `study`, as {@linkcode runGroups} does. One that is
 * dominated at a rung (see {@linkcode findDominating}) is stopped, and so are the
 * other seeds of its recipe that haven't begun.
 *
 * Which trials are stopped depends on which come first, so on the workers; what
 * a trial comes to that isn't stopped does not.
 */
async function trainCandidates(
  study: SearchStudy,
  { train, stopping, workers, evolution, onTrial, onProgress, ...options }:
    & RunSearchOptions
    & Pick<SearchOptions, "dataset" | "training">,
): Promise<void> {
  const began = performance.now();
  const before = readClock(study);
  const elapsed = () => before + (performance.now() - began) / 1000;
  const standings = listSearchTrials(study).map((trial): Standing => ({
    trial,
    epochs: study.listEpochs(trial.id),
  }));
  const parents = new Map<number, Parent>(
    (evolution ? listFinishedSearchTrials(study) : []).map((trial) => [
      trial.id,
      { recipe: recipeOf(trial), ...trial },
    ]),
  );

  const keepEpochs = (own: Standing, epochs: SearchEpoch[]) => {
    study.recordEpochs(own.trial.id, epochs);
    own.epochs = study.listEpochs(own.trial.id);
  };

  /**
   * Gives `own` the float epochs that others with the same layers, loss and seed have
   * told of: it goes on from those, if it is worth beginning by them.
   */
  const adoptFloatEpochs = (own: Standing) => {
    const known = new Set(own.epochs.map(({ epoch }) => epoch));
    const others = standings.filter(({ trial }) =>
      floatKey(trial) === floatKey(own.trial)
    );
    const missing = others.flatMap(({ epochs }) => epochs)
      .filter(({ phase, epoch }) => phase === "float" && !known.has(epoch));
    if (missing.length > 0) keepEpochs(own, missing);
  };

  /** What a trial at `rung` has lost to, in words. */
  const losesTo = (own: Standing, rung: number): string | undefined => {
    if (!stopping?.rungs.includes(rung)) return undefined;
    const rival = findDominating(own, standings, rung, stopping.margin);
    return rival && describeRival(rival, rung);
  };

  /** Why `own` isn't worth beginning, in words. */
  const refuse = (own: Standing): string | undefined => {
    const sister = standings.find(({ trial }) =>
      trial.state === "stopped" && recipeKey(trial) === recipeKey(own.trial)
    )?.trial;
    if (stopping && sister) return `seed ${sister.seed} was ${sister.error}`;
    return stopping?.rungs.map((rung) => losesTo(own, rung))
      .find((reason) => reason !== undefined);
  };

  const groupOf = async (own: Standing): Promise<CandidateGroup> => {
    const { trial } = own;
    const { id, seed } = trial;
    const recipe = recipeOf(trial);
    const candidate = { ...recipe, seed };
    const files = await candidateFiles(study, trial);
    return {
      own,
      trials: [id],
      task: { candidate, files },
      refuse() {
        adoptFloatEpochs(own);
        return refuse(own);
      },
      hear(event) {
        if (event.kind === "progress") return { done: event.done };
        keepEpochs(own, event.epochs);
        const stop = event.epochs.map(({ epoch }) => losesTo(own, epoch))
          .find((reason) => reason !== undefined);
        return { stop };
      },
      finish(trained) {
        const { dram, validation, test, seconds } = trained;
        recordElapsed(study, id, elapsed());
        study.finish([{
          id,
          result: {
            seconds,
            validationAccuracy: validation,
            testAccuracy: test,
          },
          model: dram,
          epochs: [],
        }]);
        trial.state = "done";
        parents.set(id, { recipe, bytes: dram.length, validation });
        recordClock(study, elapsed());
        onTrial?.(trial, trained);
      },
      closed(state, error) {
        Object.assign(trial, { state, error });
        recordClock(study, elapsed());
        onTrial?.(trial);
      },
      async removeFiles() {
        await Deno.remove(files.checkpoint).catch(() => {});
        // Another one may go on from the float part.
        const shared = standings.some(({ trial: other }) =>
          other !== trial && ["planned", "failed"].includes(other.state) &&
          floatKey(other) === floatKey(trial)
        );
        if (!shared) await Deno.remove(files.floatCheckpoint).catch(() => {});
      },
    };
  };

  /** The next trial of `evolution`, planned; none where all have failed. */
  const planNext = (evolution: EvolutionSpec): Standing | undefined => {
    const candidate = proposeCandidate(evolution, standings.length + 1, {
      parents: [...parents].sort(([a], [b]) => a - b).map(([, each]) => each),
      pending: standings.map(({ trial }) => trial)
        .filter(({ state }) => state === "planned" || state === "training")
        .map(recipeOf),
      known: new Set(standings.map(({ trial }) => recipeKey(trial))),
    }, options);
    if (!candidate) return undefined;
    study.plan([candidate]);
    const trial = listSearchTrials(study).at(-1);
    return trial && { trial, epochs: [] };
  };

  const planned = await orderGroups(
    await Promise.all(
      standings.filter(({ trial }) => trial.state === "planned").map(groupOf),
    ),
  );
  const evolve = async function* (evolution: EvolutionSpec) {
    yield* planned;
    while (standings.length < evolution.trials) {
      const own = planNext(evolution);
      if (!own) return;
      standings.push(own);
      yield await groupOf(own);
    }
  };
  const missing = evolution
    ? Math.max(0, evolution.trials - standings.length)
    : 0;
  try {
    await runGroups(study, evolution ? evolve(evolution) : planned, {
      runner: train,
      workers,
      count: planned.length + missing,
      each: 1,
      onProgress: (done, total, { own: { trial, epochs } }, event) =>
        onProgress?.(done, total, { trial, epoch: event && epochs.at(-1) }),
      signal: options.signal,
    });
  } finally {
    recordClock(study, elapsed());
  }
}
