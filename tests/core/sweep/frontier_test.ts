import { assert, assertEquals, assertThrows } from "@std/assert";
import { estimateMean } from "../../../core/study/estimate.ts";
import {
  DEFAULT_ACCURACIES,
  findFrontier,
} from "../../../core/sweep/frontier.ts";
import { groupStudents } from "../../../core/sweep/group_students.ts";
import type {
  StudentGroup,
  StudentResult,
} from "../../../core/sweep/result.ts";
import { fc } from "../../seeded_check.ts";

function group(
  hidden: number,
  validation: number,
  test = validation,
  rest: Partial<StudentGroup> = {},
): StudentGroup {
  const exactly = (mean: number) => ({ mean, low: mean, high: mean });
  return {
    hidden,
    dropout: 0.2,
    loss: "logit-mse",
    parameters: 9227 * hidden,
    bytes: 4 * 9227 * hidden,
    compression: 1,
    seeds: [1],
    validation: exactly(validation),
    test: exactly(test),
    ...rest,
  };
}

/** [f, width] of each point. */
function widthsAt(groups: StudentGroup[], accuracies: number[]) {
  return findFrontier(groups, accuracies)
    .map(({ accuracy, hidden }) => [accuracy, hidden]);
}

Deno.test("findFrontier names the smallest model that reaches each accuracy", () => {
  const groups = [
    group(8, 0.98),
    group(1, 0.9),
    group(2, 0.97),
    group(4, 0.96),
  ];
  assertEquals(
    widthsAt(groups, [0.99, 0.98, 0.9, 0.95, 0.971]),
    [[0.9, 1], [0.95, 2], [0.971, 8], [0.98, 8]],
  );
});

Deno.test("findFrontier chooses on validation alone, and reports the test accuracy as it is", () => {
  const groups = [group(1, 0.94, 0.99), group(2, 0.96, 0.9)];
  const [point] = findFrontier(groups, [0.95]);
  assertEquals([point.hidden, point.validation.mean], [2, 0.96]);
  assertEquals(point.test.mean, 0.9, "though below 0.95");
});

Deno.test("findFrontier names the best on validation among those of one size", () => {
  const groups = [
    group(2, 0.96, 0.99, { dropout: 0 }),
    group(2, 0.97, 0.95, { dropout: 0.5 }),
  ];
  assertEquals(findFrontier(groups, [0.95])[0].dropout, 0.5);
});

Deno.test("findFrontier leaves out what no model reaches", () => {
  assertEquals(findFrontier([group(1, 0.9)], [0.91]), []);
  assertEquals(findFrontier([], [0.91]), []);
});

Deno.test("findFrontier takes an accuracy for reached whatever a mean's rounding", () => {
  const { mean } = estimateMean([0.95, 0.95, 0.95]);
  assert(mean < 0.95, "or this tests nothing");
  assertEquals(widthsAt([group(1, mean)], [0.95]), [[0.95, 1]]);
});

const groups = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 99 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
    .map(([hidden, accuracy]) => group(hidden, accuracy)),
);
const accuracies = fc.array(
  fc.double({
    min: 0,
    minExcluded: true,
    max: 1,
    maxExcluded: true,
    noNaN: true,
  }),
);

Deno.test("findFrontier's s(f) never decreases in f", () => {
  fc.assert(fc.property(groups, accuracies, (groups, accuracies) => {
    const points = findFrontier(groups, accuracies);
    points.slice(1).forEach((point, index) => {
      assert(point.accuracy >= points[index].accuracy);
      assert(point.parameters >= points[index].parameters);
    });
  }));
});

Deno.test("findFrontier's points reach f, and nothing smaller does", () => {
  fc.assert(fc.property(groups, accuracies, (groups, accuracies) => {
    for (const point of findFrontier(groups, accuracies)) {
      assert(point.validation.mean >= point.accuracy - 1e-9);
      assert(
        groups.every(({ parameters, validation }) =>
          parameters >= point.parameters ||
          validation.mean < point.accuracy
        ),
      );
    }
  }));
});

for (const accuracy of [0, 1, -1, 95, NaN]) {
  Deno.test(`findFrontier refuses accuracy ${accuracy}`, () => {
    assertThrows(() => findFrontier([], [accuracy]), RangeError, `${accuracy}`);
  });
}

Deno.test("findFrontier answers 0.95 unless told otherwise", () => {
  assert(DEFAULT_ACCURACIES.includes(0.95));
  const points = findFrontier([group(3, 0.955)]);
  assertEquals(points.map(({ accuracy }) => accuracy), [0.9, 0.95]);
});

Deno.test("groupStudents takes means over seeds, from the smallest model", () => {
  const student = (
    hidden: number,
    seed: number,
    validation: number,
    test: number,
    loss = "logit-mse",
  ): StudentResult => ({
    hidden,
    dropout: 0.2,
    loss,
    seed,
    parameters: 9227 * hidden,
    bytes: 4 * 9227 * hidden,
    compression: 16,
    accuracy: { validation, test },
    seconds: 1,
  });
  const groups = groupStudents([
    student(6, 1, 0.96, 0.95),
    student(2, 1, 0.9, 0.8),
    student(6, 2, 0.98, 0.96),
    student(6, 1, 0.5, 0.5, "cross-entropy"),
  ]);
  assertEquals(
    groups.map(({ hidden, loss, seeds }) => [hidden, loss, seeds]),
    [[2, "logit-mse", [1]], [6, "logit-mse", [1, 2]]]
      .concat([[6, "cross-entropy", [1]]]),
  );
  const [small, large] = groups;
  assertEquals(small.validation, { mean: 0.9, low: 0.9, high: 0.9 });
  assertEquals(large.validation.mean, 0.97);
  assertEquals(large.test.mean, 0.955);
  assert(large.test.low < 0.95 && large.test.high > 0.96, "t of 1 degree");
  assertEquals([large.parameters, large.bytes], [55362, 221448]);
});
