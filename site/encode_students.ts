import { listLosses, listSeries } from "../core/charts/series.ts";
import { encodeDram } from "../core/compress/code/encode_dram.ts";
import type { Examples } from "../core/data/dataset.ts";
import type { SplitDataset } from "../core/data/split.ts";
import type { FloatArray } from "../core/files/safetensors.ts";
import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import type { LoadedModel } from "../core/models/formats/load_model.ts";
import type { ModelSpec } from "../core/models/spec.ts";
import { bestTrial } from "../core/sweep/frontier.ts";
import { exportStudent } from "../core/sweep/export_student.ts";
import type { StudyDetails } from "../core/sweep/result.ts";
import type { Study } from "../core/study/study.ts";
import { listFinishedTrials } from "../core/sweep/trials.ts";
import {
  describeLoss,
  LOSSES,
  parseLossName,
} from "../core/train/losses/losses.ts";
import { classifyInWorkers } from "./classify_in_workers.ts";
import { measureAccuracy } from "./measure_accuracy.ts";
import type { ModelFile } from "./model_file.ts";
import { quantiseStudent } from "./quantise_student.ts";
import type { StudentModel } from "./site_data.ts";

/** Bits that are tried, from the fewest; with the most the student has to do. */
const TRIED = [3, 4, 5, 6, 8];

/** Share of validation images that fewer bits may cost. */
const LOSS = 0.001;

/** A student of the sweep, as trained. */
interface FloatStudent {
  /** Its layers. */
  spec: ModelSpec;
  /** In the order of `weightShapes(spec)`. */
  weights: FloatArray[];
  /** Its accuracy on the validation images. */
  validation: number;
}

/**
 * Each of `students` with the fewest bits of its hidden layer, of 3, 4, 5, 6 and
 * 8, that cost at most 0.001 of the validation images, or else 8; see
 * {@linkcode quantiseStudent}. Test images decide nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../tests/core/bars.ts";
 * import { chooseStudentBits } from "./encode_students.ts";
 *
 * const { spec, weights } = await makeBarsTeacher();
 * const [model] = await chooseStudentBits([{ spec, weights, validation: 0 }], {
 *   validation: makeBars().validation,
 *   labels: ["stands", "lies", "leans"],
 * });
 * const kernels = model.tensors.flatMap((tensor) => tensor.kind === "uniform" ? [tensor.bits] : []);
 * assertEquals(kernels, [8, 8, 3, 8]);
 * ```
 */
export async function chooseStudentBits(
  students: FloatStudent[],
  { validation, labels, onProgress }: {
    /** The images to choose by. */
    validation: Examples;
    /** What the classes are called. */
    labels: string[];
    /** Told the students that are done, and all of them. */
    onProgress?: (done: number, total: number) => void;
  },
): Promise<EncodedModel[]> {
  const chosen = new Map<FloatStudent, EncodedModel>();
  for (const bits of TRIED) {
    const rest = students.filter((student) => !chosen.has(student));
    const models = rest.map((student) =>
      quantiseStudent(student, { bits, labels })
    );
    const answers = bits === TRIED.at(-1)
      ? []
      : await classifyInWorkers(models, validation);
    for (const [index, student] of rest.entries()) {
      const enough = answers.length === 0 ||
        measureAccuracy(answers[index], validation.labels) >=
          student.validation - LOSS;
      if (enough) chosen.set(student, models[index]);
    }
    onProgress?.(chosen.size, students.length);
  }
  return students.flatMap((student) => chosen.get(student) ?? []);
}

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
