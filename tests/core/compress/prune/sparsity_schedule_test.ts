import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { sparsityAt } from "../../../../core/compress/prune/sparsity_schedule.ts";
import { fc } from "../../../seeded_check.ts";

Deno.test("the cubic schedule is Zhu and Gupta's", () => {
  const schedule = { kind: "polynomial", initial: 0.5, final: 0.9 } as const;
  // By hand: 0.9 − 0.4·(1 − t/4)³.
  const expected = [0.73125, 0.85, 0.89375, 0.9];
  expected.forEach((sparsity, round) =>
    assertAlmostEquals(sparsityAt(schedule, round + 1, 4), sparsity)
  );
});

Deno.test("a constant schedule has its sparsity from the first round on", () => {
  const schedule = { kind: "constant", sparsity: 0.9 } as const;
  assertAlmostEquals(sparsityAt(schedule, 1, 3), 0.9);
  assertAlmostEquals(sparsityAt(schedule, 3, 3), 0.9);
});

Deno.test("a growing polynomial schedule never prunes less than before, and ends at its end", () => {
  fc.assert(fc.property(
    fc.double({ min: 0, max: 0.99, noNaN: true }),
    fc.double({ min: 0, max: 0.99, noNaN: true }),
    fc.double({ min: 0.5, max: 5, noNaN: true }),
    fc.integer({ min: 1, max: 30 }),
    (a, b, power, rounds) => {
      const [initial, final] = [Math.min(a, b), Math.max(a, b)];
      const schedule = { kind: "polynomial", initial, final, power } as const;
      let last = initial;
      for (let round = 1; round <= rounds; round++) {
        const sparsity = sparsityAt(schedule, round, rounds);
        assert(sparsity >= last && sparsity <= final);
        last = sparsity;
      }
      assertAlmostEquals(last, final);
    },
  ));
});

Deno.test("unusable schedules are refused, with the value that is at fault", () => {
  const polynomial = { kind: "polynomial", initial: 0, final: 0.9 } as const;
  assertThrows(() => sparsityAt(polynomial, 0, 3), RangeError, "`round`");
  assertThrows(() => sparsityAt(polynomial, 4, 3), RangeError, "value is 4");
  assertThrows(
    () => sparsityAt({ ...polynomial, final: 1 }, 1, 3),
    RangeError,
    "`final` must be from 0 to below 1",
  );
  assertThrows(
    () => sparsityAt({ ...polynomial, power: 0 }, 1, 3),
    RangeError,
    "`power`",
  );
  assertThrows(
    () => sparsityAt({ kind: "constant", sparsity: NaN }, 1, 3),
    RangeError,
    "NaN",
  );
});
