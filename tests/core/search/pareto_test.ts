import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  dominates,
  hypervolume,
  measureContributions,
  type Objectives,
  rankFronts,
} from "../../../core/search/pareto.ts";
import { fc } from "../../seeded_check.ts";

const SIDE = 6;
/** Points on a lattice, where many are equal in one number, or in both. */
const points = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: SIDE }),
    fc.integer({ min: 0, max: SIDE }),
  ),
  { maxLength: 14 },
);

/** The definition: fronts are peeled off, each what nothing that is left dominates. */
function peelFronts(points: readonly Objectives[]): number[] {
  const ranks = new Array<number>(points.length).fill(-1);
  for (let rank = 0; ranks.includes(-1); rank++) {
    const left = points.map((_, index) => index)
      .filter((index) => ranks[index] === -1);
    const front = left.filter((index) =>
      !left.some((other) => dominates(points[other], points[index]))
    );
    for (const index of front) ranks[index] = rank;
  }
  return ranks;
}

/** The definition, on the lattice: the unit squares that some point dominates. */
function countSquares(
  points: readonly Objectives[],
  [right, top]: Objectives,
): number {
  let count = 0;
  for (let x = -1; x < right; x++) {
    for (let y = -1; y < top; y++) {
      if (points.some(([a, b]) => a <= x && b <= y)) count++;
    }
  }
  return count;
}

Deno.test("rankFronts peels fronts off, as its definition does", () => {
  fc.assert(
    fc.property(points, (points) => {
      assertEquals(rankFronts(points), peelFronts(points));
    }),
    { numRuns: 500 },
  );
});

Deno.test("hypervolume is the number of unit squares that are dominated", () => {
  fc.assert(
    fc.property(points, fc.constantFrom(3, SIDE, SIDE + 2), (points, end) => {
      const reference = [end, end + 1] as const;
      assertEquals(
        hypervolume(points, reference),
        countSquares(points, reference),
      );
    }),
    { numRuns: 500 },
  );
});

Deno.test("hypervolume is what pygmo's tutorial gives", () => {
  const points = [[1, 0], [0.5, 0.5], [0, 1], [1.5, 0.75]] as const;
  assertEquals(hypervolume(points, [2, 2]), 3.25);
  assertEquals(hypervolume([], [2, 2]), 0);
});

Deno.test("hypervolume doesn't fall when a point is added, nor depends on their order", () => {
  fc.assert(
    fc.property(points, (points) => {
      const reference = [SIDE, SIDE] as const;
      let before = 0;
      points.forEach((_, index) => {
        const now = hypervolume(points.slice(0, index + 1), reference);
        if (now < before) throw new Error(`${before} became ${now}`);
        before = now;
      });
      assertAlmostEquals(hypervolume(points.toReversed(), reference), before);
    }),
  );
});

Deno.test("measureContributions gives what a front loses without the point", () => {
  fc.assert(
    fc.property(points, (points) => {
      const reference = [SIDE, SIDE + 1] as const;
      const ranks = peelFronts(points);
      const lost = points.map((_, index) => {
        const front = points.filter((_, other) =>
          ranks[other] === ranks[index]
        );
        const rest = points.filter((_, other) =>
          ranks[other] === ranks[index] && other !== index
        );
        return countSquares(front, reference) - countSquares(rest, reference);
      });
      assertEquals(measureContributions(points, reference), lost);
    }),
    { numRuns: 500 },
  );
});
