import { describeLoss, LOSSES, parseLossName } from "../train/losses/losses.ts";
import { encodeDram } from "../compress/code/encode_dram.ts";
import type { SplitDataset } from "../data/split.ts";
import type { LoadedModel } from "../models/load_model.ts";
import { listLosses, listSeries } from "../report/series.ts";
import { bestTrial } from "../sweep/frontier.ts";
import { exportStudent } from "../sweep/export_student.ts";
import type { StudyDetails } from "../sweep/result.ts";
import type { Study } from "../study/study.ts";
import { listFinishedTrials } from "../sweep/trials.ts";
import { chooseStudentBits } from "./choose_student_bits.ts";
import type { ModelFile } from "./model_file.ts";
import type { StudentModel } from "./site_data.ts";

/** A student of the sweep as a file. */
export interface StudentFile extends ModelFile {
  /** Which student it is. */
  student: Omit<StudentModel, "model">;
}

/** How the names of students begin, by their loss; with its parameters where several are of one kind. */
function nameSeries(losses: string[]): Map<string, string> {
  const parsed = losses.map(parseLossName);
  return new Map(losses.map((loss, index) => {
    const { kind, ...parameters } = parsed[index];
    const { prefix } = LOSSES[kind];
    const several = parsed.filter((other) => other.kind === kind).length > 1;
    return [
      loss,
      several ? [prefix, ...Object.values(parameters)].join("-") : prefix,
    ];
  }));
}

/** The students that the charts show, a loss after the other: of each width the best seed. */
function listCharted(study: Study, details: StudyDetails) {
  const trials = listFinishedTrials(study);
  return listSeries(details).flatMap(({ groups }) =>
    groups.map((group) => bestTrial(trials, group))
      .map((trial, index) => ({ trial, loss: groups[index].loss }))
  );
}

/**
 * The students of the sweep in `study` that the charts show, as files: of each width
 * and loss (and of its dropout rates the best) the seed that is best on validation,
 * with as many bits as {@linkcode chooseStudentBits} finds. Named `hidden-6`
 * (logit regression), `labels-6` (labels only), `soft-6` (at a temperature; of
 * several `soft-4-0.9-6`, by T and α).
 *
 * Throws an `Error` where `teacher` isn't the study's.
 */
export async function encodeStudents(
  study: Study,
  { details, teacher, dataset, labels, onProgress }: {
    /** What the study says. */
    details: StudyDetails;
    /** The model that the students have their convolutions from. */
    teacher: LoadedModel;
    /** Whose validation images bits are chosen by. */
    dataset: SplitDataset;
    /** What the classes are called. */
    labels: string[];
    /** Told the students that are done, and all of them. */
    onProgress?: (done: number, total: number) => void;
  },
): Promise<StudentFile[]> {
  const charted = listCharted(study, details);
  const { validation } = dataset;
  const models = await chooseStudentBits(
    charted.map(({ trial }) => ({
      ...exportStudent(study, trial, teacher),
      validation: trial.validation.accuracy,
    })),
    { validation, labels, onProgress },
  );
  const names = nameSeries(listLosses(details.groups));
  return models.map((model, index): StudentFile => {
    const { trial: { hidden, dropout, seed }, loss } = charted[index];
    return {
      name: `${names.get(loss)}-${hidden}`,
      family: "student",
      title: `student of ${hidden} unit${hidden === 1 ? "" : "s"}, ${
        describeLoss(loss)
      }`,
      hidden,
      loss,
      seed,
      bytes: encodeDram(model),
      expected: null,
      student: { hidden, dropout, loss, seed },
    };
  });
}
