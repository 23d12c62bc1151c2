import type { EncodedModel } from "../core/infer/encoded_tensor.ts";
import type { LoadedModel } from "../core/models/load_model.ts";
import { withoutDropout } from "../core/models/spec.ts";
import { halveWeights } from "./quantise_student.ts";

/**
 * `teacher` in the form in which a file holds it: as it is, or with each weight
 * rounded to a float16, in half the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsTeacher } from "../tests/core/bars.ts";
 * import { encodeTeacher } from "./encode_teacher.ts";
 *
 * const teacher = await makeBarsTeacher();
 * const { tensors } = encodeTeacher(teacher, { bits: 16, labels: ["stands", "lies", "leans"] });
 * assertEquals(tensors.length, teacher.weights.length);
 * ```
 */
export function encodeTeacher(
  { spec, weights }: LoadedModel,
  { bits, labels }: { bits: 16 | 32; labels: string[] },
): EncodedModel {
  const tensors = bits === 16
    ? halveWeights(weights)
    : weights.map((weight) => ({ kind: "float" as const, bits, ...weight }));
  return { spec: withoutDropout(spec), labels, tensors };
}
