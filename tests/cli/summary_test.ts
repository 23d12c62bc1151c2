import { assertEquals, assertStringIncludes } from "@std/assert";
import { modelCost } from "../../core/models/cost.ts";
import { studentSpec } from "../../core/models/student.ts";
import { runInProcess, runProcess } from "./capture.ts";

Deno.test("summary prints the student of the seed experiment by default", async () => {
  const { code, stdout } = await runInProcess(["summary"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Model: student-6");
  assertStringIncludes(stdout, "Parameters: 74,188 (296,752 bytes)");
});

Deno.test("summary prints the teacher", async () => {
  const { stdout } = await runInProcess(["summary", "teacher"]);
  assertStringIncludes(stdout, "Parameters: 1,199,882 (4,799,528 bytes)");
});

Deno.test("summary --json is the model's cost and nothing else on stdout", async () => {
  const args = ["summary", "student", "--hidden", "3", "--dropout", "0.5"];
  const { code, stdout, stderr } = await runProcess([...args, "--json"]);
  const spec = studentSpec({ hidden: 3, dropout: 0.5 });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(JSON.parse(stdout), {
    name: "student-3",
    input: [28, 28, 1],
    ...modelCost(spec),
  });
});

for (const hidden of ["0", "1e9"]) {
  Deno.test(`summary refuses --hidden ${hidden} as wrong usage`, async () => {
    const outcome = await runInProcess(["summary", "--hidden", hidden]);
    assertEquals(outcome, {
      code: 2,
      stdout: "",
      stderr:
        `retort: Cannot use --hidden ${hidden}: it must be an integer from 1 to 65536\n`,
    });
  });
}

Deno.test("summary refuses --dropout 1 as wrong usage", async () => {
  const { code, stderr } = await runInProcess(["summary", "--dropout", "1"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "at least 0 and below 1");
});
