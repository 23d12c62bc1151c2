import type { Weighed } from "../core/compress/prune/thin_model.ts";
import type { SplitDataset } from "../core/data/split.ts";
import { type LoadedModel, loadModel } from "../core/models/load_model.ts";
import { recordedSplit } from "../core/models/manifest.ts";
import { bestTrial } from "../core/sweep/frontier.ts";
import { exportStudent } from "../core/sweep/export_student.ts";
import { summariseStudy } from "../core/sweep/summarise_study.ts";
import { listFinishedTrials } from "../core/sweep/trials.ts";
import { UsageError } from "./errors.ts";
import { assertFits } from "./experiment.ts";
import { openNamedStudy } from "./study_files.ts";

/** What a study's smallest model reaches on validation unless a goal says otherwise. */
const STUDY_ACCURACY = 0.95;

/** The smallest student of the study `name` that reaches `accuracy` on validation. */
function loadStudent(
  name: string,
  accuracy: number,
  teacher: LoadedModel,
): Weighed {
  using study = openNamedStudy(name);
  const [point] = summariseStudy(study, [accuracy]).result.frontier;
  if (!point) {
    throw new Error(
      `Cannot compress a model of the study ${name}: one must reach ${accuracy} on validation: none does; ask for less with --target-accuracy, or sweep wider students`,
    );
  }
  const trial = bestTrial(listFinishedTrials(study), point);
  return exportStudent(study, trial, teacher);
}

/** Throws where the model has learnt from images that are to judge it. */
function assertSameSplit(
  model: LoadedModel,
  { split, sha256 }: SplitDataset,
  file: string,
): void {
  const own = recordedSplit(model, { sha256 });
  if (!own) return;
  if (own.seed === split.seed && own.validation === split.validation) return;
  throw new Error(
    `Cannot compress ${file}: its training images must be those of its teacher: they were divided by seed ${own.seed} and ${own.validation} for validation, the teacher's by ${split.seed} and ${split.validation}`,
  );
}

/** The model in the folder `file`, or the smallest of a study, without its dropout. */
export async function loadStart(
  { file, study, targetAccuracy = STUDY_ACCURACY }: {
    file?: string;
    study?: string;
    targetAccuracy?: number;
  },
  { teacher, dataset }: { teacher: LoadedModel; dataset: SplitDataset },
): Promise<Weighed> {
  if ((file === undefined) === (study === undefined)) {
    throw new UsageError(
      "Cannot compress: give either a model folder or --study NAME",
    );
  }
  const withoutDropout = ({ spec, weights }: Weighed): Weighed => ({
    // A pruned network has too few weights to need it (Han et al., 2015, section 3.2).
    spec: {
      ...spec,
      layers: spec.layers.filter(({ kind }) => kind !== "dropout"),
    },
    weights,
  });
  if (study !== undefined) {
    return withoutDropout(loadStudent(study, targetAccuracy, teacher));
  }
  const path = file ?? "";
  const model = await loadModel(path);
  assertFits(model, dataset, path);
  assertSameSplit(model, dataset, path);
  return withoutDropout(model);
}
