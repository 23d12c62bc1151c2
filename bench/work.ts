import type { LossSpec } from "../core/train/losses/losses.ts";
import type { StudentConfig } from "../core/distill/student_config.ts";
import type { CompactModel, CompactRecipe } from "./find_compact.ts";
import type { Subject } from "./measurement.ts";
import { type BoxNetwork, STUDENT_HIDDEN, type Task } from "./task.ts";

/** What a benchmark may be asked for. */
export type WorkChoice =
  | "teacher-step"
  | "feature-extraction"
  | "inference"
  | "compact"
  | "black-box"
  | "compact-step"
  | "cohort"
  | "reading"
  | "capacity"
  | "sweep";

/** All of it, in the order in which it is measured. */
export const WORK_CHOICES: readonly WorkChoice[] = [
  "teacher-step",
  "feature-extraction",
  "inference",
  "compact",
  "reading",
  "black-box",
  "compact-step",
  "cohort",
  "capacity",
  "sweep",
];

/** A task, and what results call it. */
export interface Item {
  task: Task;
  subject: Omit<Subject, "system" | "backend">;
  /** Steps of equal rank that a run adds up; 1 unless given. */
  parts?: number;
}

/** The batch of training and of extraction. */
const BATCH = 128;

/** The machine's rate for matrix products is taken from these. */
export const MATMUL: Item = {
  task: { work: "matmul", size: 1024 },
  subject: { work: "matmul", batch: 0 },
};

function inference(model: "teacher" | "student", batch: number): Item {
  const name = model === "teacher" ? model : `student-${STUDENT_HIDDEN}`;
  return {
    task: { work: "inference", model, batch },
    subject: { work: "inference", model: name, batch },
  };
}

/** What every system is asked for. */
export const SHARED_WORK = {
  "teacher-step": [{
    task: { work: "teacher-step", batch: BATCH },
    subject: { work: "teacher-step", batch: BATCH },
  }],
  "feature-extraction": [{
    task: { work: "feature-extraction", batch: BATCH },
    subject: { work: "feature-extraction", batch: BATCH },
  }],
  inference: [
    inference("teacher", 1),
    inference("teacher", 256),
    inference("student", 1),
  ],
} as const satisfies Partial<Record<WorkChoice, readonly Item[]>>;

/** Images that a compact model classifies at a time, beside one. */
const COMPACT_BATCH = 100;

/** How many {@linkcode compactItems} there are. */
export const COMPACT_ITEMS = 3;

/** Loading a compact model, and classifying one image with it, and a batch. */
export function compactItems(model: CompactModel): Item[] {
  const { name, ...task } = model;
  return [
    {
      task: { work: "compact-load", ...task },
      subject: { work: "compact-load", model: name, batch: 0 },
    },
    {
      task: { work: "compact-inference", ...task },
      subject: { work: "compact-inference", model: name, batch: 1 },
    },
    {
      task: { work: "compact-inference", ...task, batch: COMPACT_BATCH },
      subject: { work: "compact-inference", model: name, batch: COMPACT_BATCH },
    },
  ];
}

/** A network behind the door of a black box; `batches` of it take some tenths of a second or more. */
function boxItem(network: BoxNetwork, batches: number): Item {
  return {
    task: { work: "black-box", network, batch: BATCH, batches },
    subject: { work: "black-box", model: network, batch: BATCH },
  };
}

/** What a black box is asked for, and its runtime alone. */
export const BOX_ITEMS: readonly Item[] = [
  boxItem("teacher", 2),
  boxItem("small", 24),
];

/** A step of each part of each of `recipes`, as it is trained. */
export function compactStepItems(recipes: readonly CompactRecipe[]): Item[] {
  return recipes.flatMap(({ name, spec, configuration }) =>
    (["float", "quantised"] as const).map((phase): Item => {
      const { batchSize: batch } = configuration;
      return {
        task: { work: "compact-step", batch, spec, configuration, phase },
        subject: { work: "compact-step", model: `${name} ${phase}`, batch },
      };
    })
  );
}

/**
 * Widths of students in the cohorts that are measured: those of the default sweep,
 * and as many between as make twelve and leave their mean, 15, as it is.
 */
export const COHORT_WIDTHS = [1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 64];
/** What students in one cohort learn by. */
const LOSSES: readonly LossSpec[] = [
  { kind: "logit-mse" },
  { kind: "cross-entropy" },
  { kind: "distillation", temperature: 4, alpha: 0.9 },
];
/** Students in a cohort: every width as often as every other. */
export const COHORT_SIZES = [12, 36, 108];

/**
 * `count` students, a multiple of twelve: one of each of {@linkcode COHORT_WIDTHS}
 * by logit regression, then by labels, then by distillation, then of the next seed:
 * 36 are one cohort.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cohortStudents } from "./work.ts";
 *
 * const students = cohortStudents(36);
 * assertEquals(students.map(({ hidden }) => hidden).slice(11, 14), [64, 1, 2]);
 * assertEquals(new Set(students.map(({ seed }) => seed)), new Set([1]));
 * ```
 */
export function cohortStudents(count: number): StudentConfig[] {
  return Array.from({ length: count }, (_, index) => {
    const group = Math.floor(index / COHORT_WIDTHS.length);
    return {
      hidden: COHORT_WIDTHS[index % COHORT_WIDTHS.length],
      dropout: 0.2,
      loss: LOSSES[group % LOSSES.length],
      seed: 1 + Math.floor(group / LOSSES.length),
    };
  });
}

/** A step of `students`, together or one by one. */
export function cohortTask(students: StudentConfig[], alone = false): Task {
  return { work: "cohort", batch: BATCH, students, alone };
}

/** A step of a student alone, as a mean over the widths; then of cohorts of them. */
export function cohortItems(): Item[] {
  const subject = { work: "cohort", batch: BATCH } as const;
  const few = cohortStudents(COHORT_WIDTHS.length);
  return [
    {
      task: cohortTask(few, true),
      subject: { ...subject, students: 1 },
      parts: few.length,
    },
    ...COHORT_SIZES.map((size) => ({
      task: cohortTask(cohortStudents(size)),
      subject: { ...subject, students: size },
    })),
  ];
}

/** Widths at which stock tfjs's step is measured; those between are interpolated. */
export const STUDENT_WIDTHS: readonly number[] = [1, 16, 64];

/** Steps of stock tfjs for students of those widths, convolutions and all. */
export const STUDENT_STEPS: readonly Item[] = STUDENT_WIDTHS.map((hidden) => ({
  task: { work: "student-step", batch: BATCH, hidden },
  subject: { work: "student-step", model: `student-${hidden}`, batch: BATCH },
}));
