import type { FloatArray } from "../files/safetensors.ts";
import type { LoadedModel } from "./load_model.ts";
import { cutModel } from "./trunk.ts";

/**
 * All weights of a student: the teacher's convolutions, then the student's own
 * `head` (hidden kernel and bias, logit kernel and bias).
 */
export function joinStudent(
  teacher: LoadedModel,
  head: FloatArray[],
): FloatArray[] {
  return [...cutModel(teacher.spec, teacher.weights).trunkWeights, ...head];
}
