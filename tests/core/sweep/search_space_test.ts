import { assertEquals, assertThrows } from "@std/assert";
import {
  DEFAULT_SPACE,
  FULL_SPACE,
  listStudents,
  QUICK_SPACE,
  type SearchSpace,
} from "../../../core/sweep/search_space.ts";
import { fc } from "../../seeded_check.ts";

const SPACE: SearchSpace = {
  hidden: [2, 1],
  dropout: [0, 0.5],
  losses: [{ kind: "logit-mse" }, { kind: "cross-entropy" }],
  seeds: [1, 2],
};

Deno.test("listStudents gives every combination once, widths varying fastest", () => {
  const students = listStudents(SPACE);
  assertEquals(students.length, 16);
  assertEquals(students.slice(0, 3), [
    { hidden: 2, dropout: 0, loss: { kind: "logit-mse" }, seed: 1 },
    { hidden: 1, dropout: 0, loss: { kind: "logit-mse" }, seed: 1 },
    { hidden: 2, dropout: 0, loss: { kind: "logit-mse" }, seed: 2 },
  ]);
  assertEquals(students[15], {
    hidden: 1,
    dropout: 0.5,
    loss: { kind: "cross-entropy" },
    seed: 2,
  });
});

Deno.test("listStudents gives as many as there are different combinations", () => {
  const few = <T>(values: T[]) => fc.array(fc.constantFrom(...values));
  fc.assert(fc.property(
    few([1, 2, 6]),
    few([0, 0.2]),
    few([1, 2]),
    (hidden, dropout, seeds) => {
      const students = listStudents({ ...SPACE, hidden, dropout, seeds });
      const different = new Set(students.map((each) => JSON.stringify(each)));
      const size = (values: number[]) => new Set(values).size;
      assertEquals(students.length, different.size);
      assertEquals(
        students.length,
        size(hidden) * size(dropout) * size(seeds) * 2,
      );
    },
  ));
});

Deno.test("listStudents takes a loss for the same whatever the order of its keys", () => {
  const students = listStudents({
    ...SPACE,
    losses: [
      { kind: "distillation", temperature: 2, alpha: 0.5 },
      { alpha: 0.5, temperature: 2, kind: "distillation" },
    ],
  });
  assertEquals(students.length, 8);
});

Deno.test("the default grid is the seed experiment's widths, distilled and not, thrice", () => {
  assertEquals(DEFAULT_SPACE.hidden, [1, 2, 3, 4, 6, 8, 16, 32, 64]);
  assertEquals(DEFAULT_SPACE.dropout, [0.2]);
  assertEquals(DEFAULT_SPACE.seeds.length, 3);
  assertEquals(listStudents(DEFAULT_SPACE).length, 54);
});

Deno.test("the full grid has widths to 128, three rates and five seeds; the quick one is small", () => {
  assertEquals(Math.max(...FULL_SPACE.hidden), 128);
  assertEquals(FULL_SPACE.dropout, [0, 0.2, 0.5]);
  assertEquals(FULL_SPACE.seeds.length, 5);
  assertEquals(listStudents(QUICK_SPACE).length, QUICK_SPACE.hidden.length);
});

for (
  const [field, values] of [
    ["hidden", [0]],
    ["hidden", [6, 1e9]],
    ["hidden", [1.5]],
    ["hidden", [NaN]],
    ["dropout", [1]],
    ["dropout", [-0.1]],
    ["losses", [{ kind: "distillation", temperature: 0, alpha: 0.5 }]],
    ["losses", [{ kind: "distillation", temperature: 1, alpha: 2 }]],
    ["seeds", [-1]],
    ["seeds", [1, 1.5]],
    ["seeds", [NaN]],
    ["seeds", [2 ** 53]],
  ] as const
) {
  Deno.test(`listStudents refuses ${field} ${JSON.stringify(values)}`, () => {
    assertThrows(
      () => listStudents({ ...SPACE, [field]: values }),
      RangeError,
      "current value is",
    );
  });
}
