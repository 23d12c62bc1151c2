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
