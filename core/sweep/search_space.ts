import { MAX_UNITS } from "../models/spec.ts";
import { checkDropoutRate } from "../random/dropout_mask.ts";
import { checkLoss, type LossSpec, nameLoss } from "../train/losses/losses.ts";
import type { StudentConfig } from "../distill/student_config.ts";

/** A grid of students: every combination of the four lists. */
export interface SearchSpace {
  /** Units of the hidden layer. */
  hidden: number[];
  /** Dropout rates on the features, each in [0, 1). */
  dropout: number[];
  /** What students learn by. */
  losses: LossSpec[];
  /** Each decides weights, order and dropout. */
  seeds: number[];
}

/** Logit regression, and labels only beside it at the same budget. */
const DISTILLED_AND_NOT: LossSpec[] = [
  { kind: "logit-mse" },
  { kind: "cross-entropy" },
];

/** What `sweep` trains unless told otherwise. */
export const DEFAULT_SPACE: SearchSpace = {
  hidden: [1, 2, 3, 4, 6, 8, 16, 32, 64],
  dropout: [0.2],
  losses: DISTILLED_AND_NOT,
  seeds: [1, 2, 3],
};

/** A first answer in two minutes. */
export const QUICK_SPACE: SearchSpace = {
  hidden: [1, 2, 4, 6, 8, 16],
  dropout: [0.2],
  losses: [{ kind: "logit-mse" }],
  seeds: [1],
};

/** What there is time for overnight. */
export const FULL_SPACE: SearchSpace = {
  hidden: [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128],
  dropout: [0, 0.2, 0.5],
  losses: DISTILLED_AND_NOT,
  seeds: [1, 2, 3, 4, 5],
};

/**
 * Every student of `space`, each once, widths varying fastest.
 *
 * Throws a `RangeError` where a width, rate, loss or seed is out of range.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEFAULT_SPACE, listStudents } from "./search_space.ts";
 *
 * assertEquals(listStudents(DEFAULT_SPACE).length, 9 * 2 * 3);
 * ```
 */
export function listStudents(space: SearchSpace): StudentConfig[] {
  for (const hidden of space.hidden) {
    if (!Number.isInteger(hidden) || hidden < 1 || hidden > MAX_UNITS) {
      throw new RangeError(
        `Cannot sweep: hidden units must be integers from 1 to ${MAX_UNITS}: current value is ${hidden}`,
      );
    }
  }
  space.dropout.forEach(checkDropoutRate);
  space.losses.forEach(checkLoss);
  for (const seed of space.seeds) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `Cannot sweep: seeds must be integers from 0 to ${Number.MAX_SAFE_INTEGER}: current value is ${seed}`,
      );
    }
  }
  const students = space.losses.flatMap((loss) =>
    space.dropout.flatMap((dropout) =>
      space.seeds.flatMap((seed) =>
        space.hidden.map((hidden) => ({ hidden, dropout, loss, seed }))
      )
    )
  );
  const byConfig = new Map(
    students.map((student) => [
      JSON.stringify({ ...student, loss: nameLoss(student.loss) }),
      student,
    ]),
  );
  return [...byConfig.values()];
}
