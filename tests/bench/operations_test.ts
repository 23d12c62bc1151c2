import { assertAlmostEquals, assertEquals } from "@std/assert";
import { countOperations, trainingOperations } from "../../bench/operations.ts";
import { studentSpec } from "../../core/models/student.ts";

// By hand: conv1 26·26·32·9, conv2 24·24·64·288, dense 9216·128 and 128·10.
const CONV1 = 194_688;
const CONV2 = 10_616_832;
const DENSE = 1_179_648 + 1_280;

Deno.test("the teacher's step at batch 128 needs 9.2 GFLOP", () => {
  const operations = countOperations({ work: "teacher-step", batch: 128 });
  assertEquals(operations, 128 * 2 * (2 * CONV1 + 3 * (CONV2 + DENSE)));
  assertAlmostEquals(operations / 1e9, 9.2, 0.1);
});

Deno.test("feature extraction counts the convolutions, inference all layers", () => {
  assertEquals(
    countOperations({ work: "feature-extraction", batch: 128 }),
    128 * 2 * (CONV1 + CONV2),
  );
  const inference = { work: "inference", batch: 256 } as const;
  assertEquals(
    countOperations({ ...inference, model: "teacher" }),
    256 * 2 * (CONV1 + CONV2 + DENSE),
  );
  assertEquals(
    countOperations({ ...inference, model: "student" }),
    256 * 2 * (CONV1 + CONV2 + 9216 * 6 + 60),
  );
});

Deno.test("a student's step counts frozen convolutions forward only, in a cohort not at all", () => {
  const head = 2 * (2 * 9216 * 6 + 3 * 60);
  assertEquals(
    trainingOperations(studentSpec({ hidden: 6 }), 2),
    2 * (CONV1 + CONV2) + head,
  );
  const student = { hidden: 6, dropout: 0.2, seed: 1 };
  const loss = { kind: "logit-mse" } as const;
  const students = [{ ...student, loss }, { ...student, loss }];
  assertEquals(
    countOperations({ work: "cohort", batch: 10, students, alone: false }),
    10 * 2 * head,
  );
});
