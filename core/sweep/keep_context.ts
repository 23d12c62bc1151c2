import type { SplitDataset } from "../data/split.ts";
import type { BackendInUse } from "../device/select_backend.ts";
import { classCount, countParameters } from "../models/cost.ts";
import type { LoadedModel } from "../models/load_model.ts";
import { findTeacherSplit } from "../models/manifest.ts";
import type { Accuracy } from "./result.ts";
import type { Study } from "./study.ts";
import { readContext, writeContext } from "./summarise_study.ts";

/** What the reports of a study tell of how it was made. */
export interface ContextSource {
  /** What reports call the study. */
  name: string;
  /** What students learn from. */
  teacher: LoadedModel;
  /** What the teacher scores. */
  accuracy: Accuracy;
  /** The images. */
  dataset: SplitDataset;
  /** Where it is computed. */
  backend: BackendInUse;
  /** Seconds spent on the study before this call, on features for example. */
  secondsBefore?: number;
  /** Told in a sentence why what was kept is not used. */
  onNote?: (note: string) => void;
}

/** Whether the study has a trial that is still to be trained. */
function hasPlanned(study: Study): boolean {
  return study.database
    .prepare("SELECT 1 FROM trial WHERE state = 'planned' LIMIT 1")
    .get() !== undefined;
}

/** The context that there is; none, with a word, where it isn't what was written. */
function readEarlier(
  study: Study,
  onNote?: (note: string) => void,
): ReturnType<typeof readContext> {
  try {
    return readContext(study);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onNote?.(`the study's time is counted anew: ${error.message}`);
    return undefined;
  }
}

/**
 * Does `work`, and keeps in the study, before and after, what its reports need:
 * teacher, data, backend, and the seconds spent on it so far.
 */
export async function keepContext(
  study: Study,
  { name, teacher, accuracy, dataset, backend, secondsBefore = 0, onNote }:
    ContextSource,
  work: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const earlier = readEarlier(study, onNote);
  const before = (earlier?.seconds ?? 0) + secondsBefore;
  // A run that trains nothing doesn't change where the trials were trained.
  const { name: backendName, adapter } = earlier && !hasPlanned(study)
    ? earlier.backend
    : backend;
  const save = () =>
    writeContext(study, {
      study: name,
      dataset: {
        name: dataset.name,
        sha256: dataset.sha256,
        train: dataset.train.count,
        validation: dataset.validation.count,
        test: dataset.test.count,
      },
      backend: { name: backendName, adapter },
      teacher: {
        parameters: countParameters(teacher.spec),
        bytes: teacher.bytes,
        accuracy,
        split: findTeacherSplit(teacher, dataset),
      },
      classes: classCount(teacher.spec),
      testLabels: dataset.test.labels.toBase64(),
      seconds: before + (performance.now() - began) / 1000,
    });
  save();
  try {
    await work();
  } finally {
    save();
  }
}
