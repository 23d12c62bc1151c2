import type { ImageShape } from "../data/dataset.ts";
import { lenet300100Spec, lenet5Spec } from "../models/lenet.ts";
import type { ModelSpec } from "../models/spec.ts";
import { teacherSpec } from "../models/teacher.ts";
import {
  TEACHER_CONFIGURATION,
  type TeacherConfiguration,
} from "./train_teacher.ts";

/** A large model's layers, and how to train it. */
export interface TeacherRecipe {
  /** Its layers for images and classes of a dataset. */
  makeSpec: (data: { input: ImageShape; classes: number }) => ModelSpec;
  /** How it is trained. */
  configuration: TeacherConfiguration;
}

/** Names of {@linkcode TEACHER_RECIPES}. */
export const TEACHER_NAMES = ["teacher", "lenet-300-100", "lenet-5"] as const;

/** Name of a large model that Retort knows how to train. */
export type TeacherName = typeof TEACHER_NAMES[number];

/**
 * The models that are large enough to distil or compress: the seed experiment's
 * teacher, and the LeNets that Deep Compression was published with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "../models/cost.ts";
 * import { TEACHER_RECIPES } from "./teacher_recipes.ts";
 *
 * const data = { input: [28, 28, 1] as const, classes: 10 };
 * const sizes = Object.values(TEACHER_RECIPES).map(({ makeSpec }) => countParameters(makeSpec(data)));
 * assertEquals(sizes, [1_199_882, 266_610, 431_080]);
 * ```
 */
export const TEACHER_RECIPES: Record<TeacherName, TeacherRecipe> = {
  teacher: { makeSpec: teacherSpec, configuration: TEACHER_CONFIGURATION },
  "lenet-300-100": {
    makeSpec: (data) => lenet300100Spec({ dropout: 0.2, ...data }),
    configuration: { ...TEACHER_CONFIGURATION, epochs: 20, patience: 20 },
  },
  "lenet-5": {
    makeSpec: (data) => lenet5Spec({ dropout: 0.5, ...data }),
    configuration: TEACHER_CONFIGURATION,
  },
};
