/** What is to be small: two numbers, such as the logarithms of bytes and of errors. */
export type Objectives = readonly [number, number];

/**
 * Whether `a` dominates `b`: no larger in both numbers, and smaller in one.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { dominates } from "./pareto.ts";
 *
 * assert(dominates([1, 2], [1, 3]) && !dominates([1, 2], [0, 3]) && !dominates([1, 2], [1, 2]));
 * ```
 */
export function dominates(a: Objectives, b: Objectives): boolean {
  return a[0] <= b[0] && a[1] <= b[1] && (a[0] < b[0] || a[1] < b[1]);
}

/**
 * The front of each of `points`: 0 of those that none dominates, 1 of those that only
 * front 0 dominates, and so on.
 *
 * Source: non-dominated sorting of Deb et al., "A fast and elitist multiobjective
 * genetic algorithm: NSGA-II", 2002. In two dimensions a sweep does it: of points in
 * the order of their first number, then their second, the latest of a front dominates
 * what comes if any of that front does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rankFronts } from "./pareto.ts";
 *
 * assertEquals(rankFronts([[1, 3], [2, 2], [2, 3], [3, 3]]), [0, 0, 1, 2]);
 * ```
 */
export function rankFronts(points: readonly Objectives[]): number[] {
  const order = points.map((_, index) => index)
    .toSorted((a, b) =>
      points[a][0] - points[b][0] || points[a][1] - points[b][1]
    );
  const latest: Objectives[] = [];
  const ranks = new Array<number>(points.length).fill(0);
  for (const index of order) {
    const point = points[index];
    const free = latest.findIndex((each) => !dominates(each, point));
    const rank = free < 0 ? latest.length : free;
    latest[rank] = point;
    ranks[index] = rank;
  }
  return ranks;
}

/**
 * The area that `points` dominate up to `reference`: of all places that are no larger
 * than `reference` in either number, and no smaller than some point in both. Points
 * that aren't smaller than `reference` in both add nothing.
 *
 * Source: the hypervolume, or S-metric, of Zitzler and Thiele, "Multiobjective
 * optimization using evolutionary algorithms: a comparative case study", 1998.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hypervolume } from "./pareto.ts";
 *
 * // The example of pygmo's tutorial on hypervolumes.
 * assertEquals(hypervolume([[1, 0], [0.5, 0.5], [0, 1], [1.5, 0.75]], [2, 2]), 3.25);
 * ```
 */
export function hypervolume(
  points: readonly Objectives[],
  reference: Objectives,
): number {
  let [area, lowest] = [0, reference[1]];
  for (const [x, y] of points.toSorted((a, b) => a[0] - b[0])) {
    if (x >= reference[0] || y >= lowest) continue;
    area += (reference[0] - x) * (lowest - y);
    lowest = y;
  }
  return area;
}

/**
 * What each of `points` adds to the hypervolume of those of its own front, up to
 * `reference`: the area that no other of them dominates; 0 for one that is there twice.
 *
 * Source: Beume, Naujoks and Emmerich, "SMS-EMOA: multiobjective selection based on
 * dominated hypervolume", 2007.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { measureContributions } from "./pareto.ts";
 *
 * assertEquals(measureContributions([[1, 0], [0.5, 0.5], [0, 1]], [2, 2]), [0.5, 0.25, 0.5]);
 * ```
 */
export function measureContributions(
  points: readonly Objectives[],
  reference: Objectives,
): number[] {
  const ranks = rankFronts(points);
  const order = points.map((_, index) => index)
    .toSorted((a, b) =>
      ranks[a] - ranks[b] || points[a][0] - points[b][0] ||
      points[a][1] - points[b][1]
    );
  const added = new Array<number>(points.length).fill(0);
  order.forEach((index, place) => {
    const beside = (step: -1 | 1): Objectives => {
      const other = order[place + step];
      return other !== undefined && ranks[other] === ranks[index]
        ? points[other]
        : reference;
    };
    const [x, y] = points[index];
    const width = Math.min(beside(1)[0], reference[0]) - x;
    const height = Math.min(beside(-1)[1], reference[1]) - y;
    added[index] = Math.max(0, width) * Math.max(0, height);
  });
  return added;
}
