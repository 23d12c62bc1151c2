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

Deno.test("summary prints the LeNets", async () => {
  for (
    const [model, size] of [["lenet-300-100", "266,610"], [
      "lenet-5",
      "431,080",
    ]]
  ) {
    const { stdout } = await runInProcess(["summary", model]);
    assertStringIncludes(stdout, `Parameters: ${size} `);
  }
});

Deno.test("summary prints a compact model of the layers given", async () => {
  const layers = "pool2,conv3x8/2:same,depth3:linear,conv1x12,mean";
  const { stdout } = await runInProcess([
    ...["summary", "compact", "--layers", layers],
  ]);
  assertStringIncludes(stdout, "conv1 (conv2d 3×3/2 same relu)");
  assertStringIncludes(stdout, "depth1 (depthwiseConv2d 3×3 linear)");
  assertStringIncludes(stdout, "Parameters: 398 ");
});

Deno.test("summary says what layers must be where they aren't", async () => {
  const args = ["summary", "compact", "--layers", "conv3x8,lstm"];
  const { code, stderr } = await runInProcess(args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'retort: Cannot read layers "conv3x8,lstm": ');
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
