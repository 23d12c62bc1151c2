import { assertEquals, assertRejects } from "@std/assert";
import { measureCapacity } from "../../bench/measure_capacity.ts";
import { pretend } from "./pretend.ts";

Deno.test("a cohort is doubled until its step takes twice as long as one student's", async () => {
  const sizes: number[] = [];
  const capacity = await measureCapacity(pretend("slows by students"), {
    onSize: (students) => sizes.push(students),
  });
  assertEquals(sizes, [1, 2, 4, 8, 16]);
  assertEquals(capacity, {
    backend: "wasm",
    students: 8,
    steps: [
      { students: 1, median_ms: 11 },
      { students: 2, median_ms: 12 },
      { students: 4, median_ms: 14 },
      { students: 8, median_ms: 18 },
      { students: 16, median_ms: 26 },
    ],
  });
});

Deno.test("a cohort whose step takes no longer stops at 512 students", async () => {
  const { students, steps } = await measureCapacity(pretend("slows never"));
  assertEquals([students, steps.length], [512, 10]);
});

Deno.test("a measurement of capacity stops when it is told to", async () => {
  await assertRejects(
    () =>
      measureCapacity(pretend("slows never"), {
        signal: AbortSignal.abort(new Error("Enough")),
      }),
    Error,
    "Enough",
  );
});
