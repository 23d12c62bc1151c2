import type { StudentConfig } from "./student_config.ts";

/** Members of a cohort that see the same examples under the same dropout. */
export interface CohortGroup {
  /** Decides the order of examples and dropout. */
  seed: number;
  /** Dropout rate on the features. */
  dropout: number;
  /** Which of the cohort's members they are, in the order of their units. */
  members: number[];
  /** First hidden unit of each, and behind the last the number of all, H: `[members + 1]`. */
  starts: Int32Array<ArrayBuffer>;
}

/** Which entries of a cohort's weights belong to which member. */
export interface CohortLayout {
  /** The students. */
  members: StudentConfig[];
  /** Features that every member reads. */
  width: number;
  /** Outputs of each member. */
  classes: number;
  /**
   * The members by seed and dropout, in their order. Each has four weights: the
   * hidden layer's kernel `[width, H]` and bias `[H]`, the output layer's
   * kernel, transposed, `[classes, H]`, and bias `[members·classes]`.
   */
  groups: CohortGroup[];
}

/** Weights of a group. */
export const GROUP_WEIGHTS = 4;

/**
 * Lays the members' units side by side, group by group: members with equal seed and
 * dropout, whatever their loss, make a group, and groups are ordered by seed, then
 * dropout.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layOutCohort } from "./cohort_layout.ts";
 *
 * const loss = { kind: "logit-mse" } as const;
 * const members = [2, 1, 2].map((seed) => ({ hidden: 4, dropout: 0, loss, seed }));
 * const { groups } = layOutCohort(members, { width: 4, classes: 3 });
 * assertEquals(groups.map(({ members }) => members), [[1], [0, 2]]);
 * assertEquals(groups[1].starts, Int32Array.of(0, 4, 8));
 * ```
 */
export function layOutCohort(
  members: StudentConfig[],
  { width, classes }: { width: number; classes: number },
): CohortLayout {
  const bySource = Map.groupBy(
    members.keys(),
    (member) => `${members[member].seed} ${members[member].dropout}`,
  );
  const groups = [...bySource.values()].map((indices): CohortGroup => {
    const { seed, dropout } = members[indices[0]];
    const starts = new Int32Array(indices.length + 1);
    indices.forEach((member, place) => {
      starts[place + 1] = starts[place] + members[member].hidden;
    });
    return { seed, dropout, members: indices, starts };
  }).toSorted((a, b) => a.seed - b.seed || a.dropout - b.dropout);
  return { members, width, classes, groups };
}

/**
 * Hidden units of a group, H.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countUnits } from "./cohort_layout.ts";
 *
 * const starts = Int32Array.of(0, 4, 6);
 * assertEquals(countUnits({ seed: 1, dropout: 0, members: [0, 1], starts }), 6);
 * ```
 */
export function countUnits({ starts }: CohortGroup): number {
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
  { members, classes, groups }: CohortLayout,
): Int32Array<ArrayBuffer>[] {
  return groups.flatMap((group) => {
    const units = Int32Array.from(
      group.members.flatMap((member) =>
        new Array<number>(members[member].hidden).fill(member)
      ),
    );
    const outputs = Int32Array.from(
      group.members.flatMap((member) =>
        new Array<number>(classes).fill(member)
      ),
    );
    return [units, units, units, outputs];
  });
}
