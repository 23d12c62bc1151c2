import type { StudentConfig } from "./student_config.ts";

/**
 * Which entries of a cohort's weights belong to which member. There are four: the
 * hidden layer's kernel `[width, H]` and bias `[H]`, the output layer's kernel,
 * transposed, `[classes, H]`, and bias `[members·classes]`.
 */
export interface CohortLayout {
  /** The students. */
  members: StudentConfig[];
  /** Decides the order of examples and dropout, of all. */
  seed: number;
  /** Dropout rate on the features, of all. */
  dropout: number;
  /** Features that every member reads. */
  width: number;
  /** Outputs of each member. */
  classes: number;
  /** First hidden unit of each, and behind the last the number of all, H: `[members + 1]`. */
  starts: Int32Array<ArrayBuffer>;
}

/**
 * Lays the members' units side by side.
 *
 * Throws a `RangeError` unless there are members, all of one seed and dropout.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [4, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const { starts } = layOutCohort(members, { width: 4, classes: 3 });
 * assertEquals(starts, Int32Array.of(0, 4, 6));
 * ```
 */
export function layOutCohort(
  members: StudentConfig[],
  { width, classes }: { width: number; classes: number },
): CohortLayout {
  if (members.length === 0) {
    throw new RangeError("Cannot train a cohort: it has no members");
  }
  const [{ seed, dropout }] = members;
  const other = members.find((member) =>
    member.seed !== seed || member.dropout !== dropout
  );
  if (other) {
    throw new RangeError(
      `Cannot train a cohort: its members must have one seed and one dropout, since they see one batch under one mask: found seeds ${seed} and ${other.seed}, dropouts ${dropout} and ${other.dropout}; make a cohort of each`,
    );
  }
  const starts = new Int32Array(members.length + 1);
  members.forEach(({ hidden }, member) => {
    starts[member + 1] = starts[member] + hidden;
  });
  return { members, seed, dropout, width, classes, starts };
}

/**
 * Hidden units of a cohort, H.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countUnits } from "./cohort_layout.ts";
 *
 * assertEquals(countUnits({ starts: Int32Array.of(0, 4, 6) }), 6);
 * ```
 */
export function countUnits({ starts }: Pick<CohortLayout, "starts">): number {
  return starts[starts.length - 1];
}

/**
 * For each weight, the member that each entry of its last axis belongs to.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort, ownersOf } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [1, 2].map((hidden) => ({ hidden, dropout: 0, loss, seed: 1 }));
 * const [kernel] = ownersOf(layOutCohort(members, { width: 4, classes: 3 }));
 * assertEquals(kernel, Int32Array.of(0, 1, 1));
 * ```
 */
export function ownersOf(
  { members, classes }: Pick<CohortLayout, "members" | "classes">,
): Int32Array<ArrayBuffer>[] {
  const repeat = (count: (member: number) => number) =>
    Int32Array.from(
      members.flatMap((_, member) =>
        new Array<number>(count(member)).fill(member)
      ),
    );
  const units = repeat((member) => members[member].hidden);
  return [units, units, units, repeat(() => classes)];
}
