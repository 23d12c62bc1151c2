import type { ImageShape } from "../../data/dataset.ts";
import { classCount, countParameters } from "../cost.ts";
import type { ModelSpec } from "../spec.ts";
import type { BlackBox } from "./black_box.ts";
import type { LoadedModel } from "./loaded_model.ts";

/** What logits may be learnt from: a row of layers, or what only its runtime can run. */
export type Teacher = LoadedModel | BlackBox;

/** What a model reads and gives, whatever it is. */
export interface ModelForm {
  /** Extents of an image: height, width, channels. */
  input: ImageShape;
  classes: number;
  /** Numbers that it has learnt. */
  parameters: number;
}

/**
 * What a model reads and gives.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { teacherSpec } from "../teacher.ts";
 * import { formOf } from "./teacher.ts";
 *
 * const form = formOf({ spec: teacherSpec() });
 * assertEquals(form, { input: [28, 28, 1], classes: 10, parameters: 1_199_882 });
 * ```
 */
export function formOf(model: { spec: ModelSpec } | BlackBox): ModelForm {
  if ("spec" in model) {
    const { spec } = model;
    return {
      input: spec.input,
      classes: classCount(spec),
      parameters: countParameters(spec),
    };
  }
  const { input, classes, parameters } = model;
  return { input, classes, parameters };
}

/**
 * What of a model's last numbers is taken for logits, in words; `undefined` of logits, and
 * of what a softmax reads.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sayEnding } from "./teacher.ts";
 *
 * assertEquals(sayEnding({}), undefined);
 * assertEquals(
 *   sayEnding({ ends: "sigmoids" }),
 *   "ends in a sigmoid for each class: what these read is taken for logits",
 * );
 * ```
 */
export function sayEnding(
  { ends, output }: Partial<Pick<BlackBox, "ends" | "output">>,
): string | undefined {
  const isOdds = output === "log-odds";
  if (output === "log-probabilities") {
    return "ends in probabilities: their logarithms are taken for logits";
  }
  if (ends === "one sigmoid") {
    return `ends in one sigmoid, the second of two classes: ${
      isOdds ? "its log-odds are" : "what it reads is"
    } taken for that one's logit, and 0 for the first's`;
  }
  if (isOdds) {
    return "ends in a probability for each class by itself: their log-odds are taken for logits";
  }
  return ends === "sigmoids"
    ? "ends in a sigmoid for each class: what these read is taken for logits"
    : undefined;
}
