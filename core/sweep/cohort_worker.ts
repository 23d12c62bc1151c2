import { openCohort } from "../distill/cohort.ts";
import { cutMember } from "../distill/cohort_weights.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { encodeHead } from "../distill/head_weights.ts";
import type { StudentConfig } from "../distill/student_config.ts";
import { serveGroups } from "../study/serve_groups.ts";
import { type Assessment, findScoreFault } from "../train/evaluate_model.ts";
import {
  train,
  type TrainingProgress,
  type TrainingSpec,
} from "../train/train.ts";
import type { MemberRecord } from "../train/training_state.ts";

/** Students to train in one pass. */
export interface CohortTask {
  /** All of one seed and dropout. */
  members: StudentConfig[];
  /** File that a stopped cohort leaves its state in, and goes on from. */
  checkpoint: string;
}

/** What all cohorts of a sweep are trained from. */
export interface CohortSource {
  /** The teacher's features and logits. */
  store: FeatureStore;
  /** How they are trained; the seed is each one's own. */
  training: Omit<TrainingSpec, "seed">;
}

/** A finished student. */
export interface TrainedStudent {
  /** Its curve. */
  record: MemberRecord;
  /** On the test images, read this once. */
  test: Assessment;
  /** The head's weights as safetensors: what the student doesn't share. */
  weights: Uint8Array<ArrayBuffer>;
}

/** A student whose loss was no longer finite. */
export interface DivergedStudent {
  /** Why it can't be trained. */
  failure: string;
}

/** A finished cohort. */
export interface CohortResult {
  /** One a member, in order. */
  students: (TrainedStudent | DivergedStudent)[];
  /** Time that it took. */
  seconds: number;
}

serveGroups<
  CohortSource,
  CohortTask,
  TrainingProgress,
  Pick<CohortResult, "students">
>(
  async (
    { store, training },
    { members, checkpoint },
    { onEvent: onProgress, onNote, signal },
  ) => {
    using cohort = openCohort(store, members);
    const spec = { ...training, seed: members[0].seed };
    const options = { onProgress, onNote, signal, checkpoint };
    const { weights, members: records } = await train(cohort, spec, options);
    const tests = await cohort.test(weights);
    const students = records.map((record, member) => {
      const { hidden } = members[member];
      const failure = record.failure ??
        findScoreFault(tests[member].score, `student-${hidden}`);
      return failure === undefined
        ? {
          record,
          test: tests[member],
          weights: encodeHead(cutMember(cohort.layout, weights, member)),
        }
        : { failure };
    });
    return { students };
  },
);
