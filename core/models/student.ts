import type { ImageShape } from "../data/dataset.ts";
import { checkSpec, type LayerSpec, type ModelSpec } from "./spec.ts";
import { classCount } from "./cost.ts";
import { trunkLayers } from "./teacher.ts";
import { trunkOf } from "./trunk.ts";

/** What makes one student differ from another. */
export interface StudentOptions {
  /** Units of the hidden layer, w. */
  hidden: number;
  /** Dropout rate on the features that the hidden layer reads. */
  dropout?: number;
  /** Extent of one input image; 28×28×1 unless given. */
  input?: ImageShape;
  /** Number of classes; 10 unless given. */
  classes?: number;
}

/**
 * The layers that replace the teacher's dense ones: dropout, dense w with relu,
 * dense `classes`, softmax; features `[n, features]` → `[n, classes]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { headLayers } from "./student.ts";
 *
 * const kinds = headLayers({ hidden: 6 }).map(({ kind }) => kind);
 * assertEquals(kinds, ["dropout", "dense", "dense", "softmax"]);
 * ```
 */
export function headLayers(
  { hidden, dropout = 0.2, classes = 10 }: StudentOptions,
): LayerSpec[] {
  return [
    { kind: "dropout", name: "dropout", rate: dropout },
    { kind: "dense", name: "hidden", units: hidden, activation: "relu" },
    { kind: "dense", name: "logits", units: classes, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ];
}

/**
 * The seed experiment's student: the teacher's convolutions, then one hidden
 * layer of w units and a linear layer of `classes` in place of its two dense
 * layers.
 *
 * Parameters: 18,816 + 9,227·w + 10 for 28×28×1 images and 10 classes, that is
 * 74,188 at w = 6. Throws a `RangeError` where w or the dropout rate is out of
 * range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { studentSpec } from "./student.ts";
 * import { countParameters } from "./cost.ts";
 *
 * assertEquals(countParameters(studentSpec({ hidden: 6 })), 74_188);
 * ```
 */
export function studentSpec(options: StudentOptions): ModelSpec {
  const spec: ModelSpec = {
    name: `student-${options.hidden}`,
    input: options.input ?? [28, 28, 1],
    layers: [
      ...trunkLayers(),
      { kind: "flatten", name: "flatten" },
      ...headLayers(options),
    ],
  };
  checkSpec(spec);
  return spec;
}

/**
 * The student of any teacher: the teacher's layers up to `flatten`, without
 * dropout, then a head of w units; the same as {@linkcode studentSpec} where the
 * teacher is the seed experiment's.
 *
 * Throws a `RangeError` where w or the dropout rate is out of range, or the
 * teacher has no `flatten` layer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { studentOf, studentSpec } from "./student.ts";
 * import { teacherSpec } from "./teacher.ts";
 *
 * assertEquals(studentOf(teacherSpec(), { hidden: 6 }), studentSpec({ hidden: 6 }));
 * ```
 */
export function studentOf(
  teacher: ModelSpec,
  { hidden, dropout }: Pick<StudentOptions, "hidden" | "dropout">,
): ModelSpec {
  const classes = classCount(teacher);
  const spec: ModelSpec = {
    name: `student-${hidden}`,
    input: teacher.input,
    layers: [
      ...trunkOf(teacher),
      ...headLayers({ hidden, dropout, classes }),
    ],
  };
  checkSpec(spec);
  return spec;
}
