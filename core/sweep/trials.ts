import type { Labels } from "../data/dataset.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { bytesOfLabels, labelsOfBytes, readContext } from "../study/context.ts";
import type { Study } from "../study/study.ts";
import type { EpochRecord } from "../train/training_state.ts";
import type { TrainedStudent } from "./cohort_worker.ts";

/** A student of a study. */
export interface Trial extends StudentConfig {
  /** Its number in the study, from 1. */
  id: number;
  /** Whether it is still to be trained, is, was, or could not be. */
  state: "planned" | "training" | "done" | "failed";
  /** Why it failed; empty unless it did. */
  error: string;
}

/** A trial that is done, with all that it measured. */
export interface FinishedTrial extends Trial {
  /** Trainable numbers, the frozen convolutions' included. */
  parameters: number;
  /** Its share of its cohort's time. */
  seconds: number;
  /** The epoch whose weights were kept, from 1. */
  bestEpoch: number;
  /** On validation images: share correct, and mean loss. */
  validation: { accuracy: number; loss: number };
  /** On test images: share correct, and mean loss. */
  test: { accuracy: number; loss: number };
  /** Class predicted for each test image. */
  predictions: Labels;
  /** Scores, an epoch each. */
  epochs: EpochRecord[];
}

/**
 * All trials of the study, in the order in which they were planned.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "../study/study.ts";
 * import { listTrials } from "./trials.ts";
 *
 * using study = openStudy(await planBarsStudy());
 * assertEquals(listTrials(study).map(({ hidden, state }) => [hidden, state]), [
 *   [2, "planned"],
 *   [16, "planned"],
 * ]);
 * ```
 */
export function listTrials(study: Study): Trial[] {
  return study.list();
}

/**
 * The trials that are done, in that order, with their measurements. Throws a
 * `SyntaxError` where one isn't what was recorded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { openStudy } from "../study/study.ts";
 * import { listFinishedTrials } from "./trials.ts";
 *
 * using study = openStudy((await makeBarsStudy()).path);
 * const [trial] = listFinishedTrials(study);
 * assertEquals([trial.epochs.length, trial.predictions.length], [20, 24]);
 * ```
 */
export function listFinishedTrials(study: Study): FinishedTrial[] {
  // None is done where nothing has been computed yet.
  const classes = readContext(study)?.classes ?? 0;
  return study.listFinished().map((
    {
      modelBytes: _,
      validationAccuracy,
      validationLoss,
      testAccuracy,
      testLoss,
      predictions,
      ...trial
    },
  ) => ({
    ...trial,
    validation: { accuracy: validationAccuracy, loss: validationLoss },
    test: { accuracy: testAccuracy, loss: testLoss },
    predictions: labelsOfBytes(predictions, classes),
    epochs: study.listEpochs(trial.id),
  }));
}

/**
 * The head's weights of a finished trial, as safetensors: `hidden/kernel`
 * `[features, hidden]`, `hidden/bias` `[hidden]`, `logits/kernel`
 * `[hidden, classes]` and `logits/bias` `[classes]`.
 *
 * Throws an `Error` where the trial isn't done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsStudy } from "../../tests/core/bars_study.ts";
 * import { decodeSafeTensors } from "../files/safetensors.ts";
 * import { openStudy } from "../study/study.ts";
 * import { listTrials, readTrialWeights } from "./trials.ts";
 *
 * using study = openStudy((await makeBarsStudy()).path);
 * const bytes = readTrialWeights(study, listTrials(study)[0]);
 * const { tensors } = decodeSafeTensors(bytes, "trial 1");
 * assertEquals(tensors.get("hidden/kernel")?.shape, [256, 2]);
 * ```
 */
export function readTrialWeights(
  study: Study,
  trial: Trial,
): Uint8Array<ArrayBuffer> {
  return study.readModel(trial);
}

/** A student that has just been trained, with its trial. */
export interface TrainedTrial {
  /** Its trial, as it was planned. */
  trial: Trial;
  /** What its training has given. */
  student: TrainedStudent;
  /** Trainable numbers, the frozen convolutions' included. */
  parameters: number;
  /** Its share of its cohort's time. */
  seconds: number;
}

/**
 * Records that the trials of a cohort are done, all of them or, where one can't
 * be recorded, none.
 */
export function finishTrials(
  study: Study,
  finished: readonly TrainedTrial[],
): void {
  study.finish(finished.map(({ trial, student, parameters, seconds }) => {
    const { record: { bestEpoch, epochs }, test, weights } = student;
    const { validation } = epochs[bestEpoch - 1];
    return {
      id: trial.id,
      result: {
        parameters,
        seconds,
        bestEpoch,
        validationAccuracy: validation.accuracy,
        validationLoss: validation.loss,
        testAccuracy: test.score.accuracy,
        testLoss: test.score.loss,
        predictions: bytesOfLabels(test.predictions),
      },
      model: weights,
      epochs,
    };
  }));
}
