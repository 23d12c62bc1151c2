import type { Examples } from "../core/data/dataset.ts";
import type { FloatArray } from "../core/files/safetensors.ts";
import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import type { ModelSpec } from "../core/models/spec.ts";
import { classifyInWorkers } from "./classify_in_workers.ts";
import { measureAccuracy } from "./measure_accuracy.ts";
import { quantiseStudent } from "./quantise_student.ts";

/** Bits that are tried, from the fewest; with the most the student has to do. */
const TRIED = [3, 4, 5, 6, 8];

/** Share of validation images that fewer bits may cost. */
const LOSS = 0.001;

/** A student of the sweep, as trained. */
export interface FloatStudent {
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
 * import { chooseStudentBits } from "./choose_student_bits.ts";
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
