import { runPool } from "../workers/run_pool.ts";
import { removeCheckpoints } from "../sweep/remove_checkpoints.ts";
import { isLocalTrouble } from "../sweep/local_trouble.ts";
import type { Study } from "../sweep/study.ts";
import { candidateFiles, floatKey } from "./candidate_files.ts";
import { recipeKey } from "./candidate.ts";
import {
  findDominating,
  type Standing,
  type StoppingRule,
} from "./find_dominating.ts";
import { orderPlanned } from "./order_planned.ts";
import {
  adoptFloatEpochs,
  closeTrial,
  finishTrial,
  recordEpochs,
} from "./record_trials.ts";
import {
  listSearchEpochs,
  listSearchTrials,
  type SearchEpoch,
  type SearchTrial,
} from "./search_trials.ts";
import type { TrainCandidate, TrainedCandidate } from "./train_candidate.ts";

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
  /** Told of each trial as it is done or closed. */
  onTrial?: OnSearchTrial;
  /** Told how far all of them are. */
  onProgress?: OnSearchProgress;
  /** Saves where trials stand, then stops, when this is aborted. */
  signal?: AbortSignal;
}

/** Ends the training of a trial that is not worth going on with. */
class DominatedError extends Error {
  override name = "DominatedError";
}

/** Why a trial is stopped, in words. */
function describeRival({ trial }: Standing, rung: number): string {
  return `dominated at epoch ${rung} by trial ${trial.id}: ${trial.layers}, ${trial.bits} bits, rate penalty ${trial.ratePenalty}, seed ${trial.seed}`;
}

/**
 * Trains the planned trials of `study`, `workers` at a time, and records each as
 * it ends. A trial that is dominated at a rung (see
 * {@linkcode findDominating}) is stopped, and so are the other seeds of its
 * recipe that haven't begun; one that fails is recorded with its error, and the
 * rest go on. When `signal` is aborted, trials under way save where they stand,
 * and the next run goes on from there; so too where something is no fault of the
 * trials (see {@linkcode isLocalTrouble}), which is thrown.
 *
 * Which trials are stopped depends on which come first, so on the workers; what
 * a trial comes to that isn't stopped does not.
 */
export async function runSearch(
  study: Study,
  { train, stopping, workers, onTrial, onProgress, signal }: RunSearchOptions,
): Promise<void> {
  const trials = listSearchTrials(study);
  const standings = trials.map((trial): Standing => ({
    trial,
    epochs: listSearchEpochs(study, trial.id),
  }));
  const standingOf = new Map(standings.map((each) => [each.trial.id, each]));
  const queue = await orderPlanned(study, trials);
  const shares = new Map<number, number>();

  // Trouble of one is trouble of all: those under way save where they stand.
  const halt = new AbortController();

  const report = (trial: SearchTrial, share: number, epoch?: SearchEpoch) => {
    shares.set(trial.id, share);
    const done = [...shares.values()].reduce((a, b) => a + b, 0);
    onProgress?.(done, queue.length, { trial, epoch });
  };

  const close = (
    trial: SearchTrial,
    state: "stopped" | "failed",
    reason: string,
  ) => {
    closeTrial(study, trial, state, reason);
    Object.assign(trial, { state, error: reason });
    report(trial, 1);
    onTrial?.(trial);
  };

  /** What a trial at `rung` has lost to, in words. */
  const losesTo = (own: Standing, rung: number): string | undefined => {
    if (!stopping?.rungs.includes(rung)) return undefined;
    const rival = findDominating(own, standings, rung, stopping.margin);
    return rival && describeRival(rival, rung);
  };

  /** Removes what `trial` has left, but for what another one goes on from. */
  const removeFiles = async (trial: SearchTrial) => {
    const { checkpoint, floatCheckpoint } = await candidateFiles(study, trial);
    await Deno.remove(checkpoint).catch(() => {});
    const shared = trials.some((other) =>
      other !== trial && ["planned", "failed"].includes(other.state) &&
      floatKey(other) === floatKey(trial)
    );
    if (!shared) await Deno.remove(floatCheckpoint).catch(() => {});
  };

  /** Why `own` isn't worth beginning, in words. */
  const refuse = (own: Standing): string | undefined => {
    const { trial } = own;
    const sister = trials.find((other) =>
      other.state === "stopped" && recipeKey(other) === recipeKey(trial)
    );
    if (stopping && sister) return `seed ${sister.seed} was ${sister.error}`;
    return stopping?.rungs.map((rung) => losesTo(own, rung))
      .find((reason) => reason !== undefined);
  };

  const runTrial = async (trial: SearchTrial): Promise<void> => {
    const own = standingOf.get(trial.id) ?? { trial, epochs: [] };
    adoptFloatEpochs(study, trial);
    own.epochs = listSearchEpochs(study, trial.id);
    const refusal = refuse(own);
    if (refusal) {
      close(trial, "stopped", refusal);
      return await removeFiles(trial);
    }
    const controller = new AbortController();
    let unwritable: { error: unknown } | undefined;
    const onEpochs = (epochs: SearchEpoch[]) => {
      // Told before the worker has heard that it is stopped: chance decides whether.
      if (controller.signal.aborted) return;
      try {
        recordEpochs(study, trial.id, epochs);
        own.epochs = listSearchEpochs(study, trial.id);
      } catch (error) {
        // Told by a worker: nobody would catch it here.
        unwritable = { error };
        controller.abort(error);
        return;
      }
      const reason = epochs.map(({ epoch }) => losesTo(own, epoch))
        .find((each) => each !== undefined);
      if (reason) controller.abort(new DominatedError(reason));
      else report(trial, shares.get(trial.id) ?? 0, epochs.at(-1));
    };
    let trained: TrainedCandidate;
    try {
      trained = await train(trial, {
        files: await candidateFiles(study, trial),
        signal: AbortSignal.any(
          [controller.signal, halt.signal, signal].filter((each) =>
            each !== undefined
          ),
        ),
        onEpochs,
        onProgress: (share) => report(trial, share, own.epochs.at(-1)),
      });
    } catch (error) {
      // A study that can't be written to is no failure of its trials.
      if (unwritable) throw unwritable.error;
      if (error instanceof DominatedError) {
        close(trial, "stopped", error.message);
        return await removeFiles(trial);
      }
      if (signal?.aborted || halt.signal.aborted) throw error;
      if (isLocalTrouble(error)) throw error;
      // The checkpoints stay: what failed may work when it is tried again.
      const message = error instanceof Error ? error.message : String(error);
      return close(trial, "failed", message);
    }
    finishTrial(study, trial, trained);
    trial.state = "done";
    report(trial, 1);
    onTrial?.(trial, trained);
    await removeFiles(trial);
  };

  await runPool(queue, workers, (trial) =>
    runTrial(trial).catch((error) => {
      halt.abort(error);
      throw error;
    }));
  await removeCheckpoints(study);
}
