import { type BackendChoice, selectBackend } from "../device/select_backend.ts";
import { type Tiles, useTiles } from "../kernels/webgpu/tile.ts";
import type { FeatureStore } from "../distill/feature_store.ts";
import { encodeHead } from "../distill/head_weights.ts";
import { type Assessment, findScoreFault } from "../train/evaluate_model.ts";
import { ensureSelfTest } from "../train/self_test.ts";
import {
  train,
  type TrainingProgress,
  type TrainingSpec,
} from "../train/train.ts";
import type { MemberRecord } from "../train/training_state.ts";
import { serveTask } from "../workers/serve_task.ts";
import { openCohort } from "../distill/cohort.ts";
import { cutMember } from "../distill/cohort_weights.ts";
import type { StudentConfig } from "../distill/student_config.ts";

/** A cohort to train. */
export interface CohortTask {
  store: FeatureStore;
  members: StudentConfig[];
  spec: TrainingSpec;
  backend: BackendChoice;
  /** Tiles of matrix products on WebGPU, as tuned for the adapter. */
  tiles: Tiles;
  /** File that a stopped cohort leaves its state in, and goes on from. */
  checkpoint: string;
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
  seconds: number;
}

serveTask<CohortTask, TrainingProgress, CohortResult>(
  async (
    { store, members, spec, backend, tiles, checkpoint },
    { emit, note, signal },
  ) => {
    const { name } = await selectBackend(backend);
    if (name === "webgpu") useTiles(tiles);
    await ensureSelfTest();
    const began = performance.now();
    using cohort = openCohort(store, members);
    const options = { onProgress: emit, onNote: note, signal, checkpoint };
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
    return { students, seconds: (performance.now() - began) / 1000 };
  },
);
