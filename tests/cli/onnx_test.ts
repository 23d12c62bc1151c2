/**
 * Commands on ONNX files: the tiny experiment's teacher as one, and the same made to read
 * pixels of 0 to 255, which no file says.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { modelCost } from "../../core/models/cost.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { readManifest } from "./model_folder.ts";
import { onnxExperiment } from "./onnx_experiment.ts";
import { runIn, TINY } from "./tiny_experiment.ts";

const DATA = ["--data", "digits", "--backend", "wasm"];

Deno.test("evaluate, summary and distill take an ONNX file for its model folder", async () => {
  const folder = await onnxExperiment();
  const scoreOf = async (...args: string[]) => {
    const { code, stdout, stderr } = await runIn(folder, [
      ...["evaluate", ...args, ...DATA, "--json"],
    ]);
    assertEquals(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const own = await scoreOf("teacher");
  const { size } = await Deno.stat(`${folder}/teacher.onnx`);
  assertEquals(await scoreOf("teacher.onnx"), {
    ...own,
    file: "teacher.onnx",
    format: "onnx",
    bytes: size,
  });
  const blind = await scoreOf("bytes.onnx");
  const told = await scoreOf("bytes.onnx", "--pixels", "255");
  assert(blind.loss > own.loss + 0.1, `${blind.loss}, ${own.loss}`);
  assertEquals(told.accuracy, own.accuracy);
  assert(Math.abs(told.loss - own.loss) < 1e-5);

  const { stdout } = await runIn(folder, ["summary", "bytes.onnx", "--json"]);
  const { spec } = await loadModel(`${folder}/bytes.onnx`);
  assertEquals(JSON.parse(stdout), {
    name: "bytes",
    input: [14, 14, 1],
    ...modelCost(spec),
  });

  const args = TINY.map((each) => each === "teacher" ? "bytes.onnx" : each);
  const distilled = await runIn(folder, [
    ...["distill", ...args, "--hidden", "24", "--pixels", "255"],
  ]);
  assertEquals(distilled.code, 0, distilled.stderr);
  const { teacher, teacherPixels, scores } = readManifest(
    `${folder}/trained/student-24`,
  );
  const pixels = { scale: 255, mean: [0], deviation: [1] };
  assertEquals(teacherPixels, pixels);
  // Of other pixels it is another teacher, with features of its own.
  const plain = await loadModel(`${folder}/bytes.onnx`);
  const read = await loadModel(`${folder}/bytes.onnx`, { pixels });
  assertEquals([teacher === read.sha256, teacher === plain.sha256], [
    true,
    false,
  ]);
  assert(scores.test.accuracy > 0.5, `${scores.test.accuracy}`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("--pixels is refused where a model says itself what it reads, and where it is none", async () => {
  const folder = await onnxExperiment();
  for (
    const [args, message] of [
      [
        ["evaluate", "teacher", "--pixels", "255"],
        "Cannot use --pixels on teacher: it says itself that it reads pixels divided by 255; leave it out",
      ],
      [
        ["evaluate", "teacher.onnx", "--pixels", "1,2"],
        "Cannot use --pixels 1,2: it must be a scale other than 0, then as many means as deviations above 0: 1,0.1307,0.3081",
      ],
      [
        ["evaluate", "teacher.onnx", "--pixels", "1,0.5,0"],
        "as many means as deviations above 0",
      ],
      [
        ["compress", "teacher", "--pixels", "255"],
        "Cannot use --pixels on teacher: it says itself that it reads",
      ],
      [
        ["compress", "--study", "none", "--pixels", "255"],
        "Cannot use --pixels on the shipped teacher",
      ],
      [
        ["distill", "--pixels", "255"],
        "Cannot use --pixels on the shipped teacher",
      ],
    ] as const
  ) {
    const { code, stderr } = await runIn(folder, args);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, message);
  }
  await Deno.writeTextFile(`${folder}/digits.pt`, "");
  for (const command of ["evaluate", "summary"]) {
    const { code, stderr } = await runIn(folder, [command, "digits.pt"]);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      'torch.onnx.export(model, images, "model.onnx")',
    );
  }
  await Deno.remove(folder, { recursive: true });
});
