/**
 * Commands on a black box: the tiny experiment's teacher, with a Concat of one at its end,
 * which is no layer of ours and changes no number, and a softmax, which is cut off.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { countBoxAskers } from "../../cli/commands/experiment.ts";
import { readFields } from "../../core/models/formats/onnx/read_fields.ts";
import { hasOnnxRuntime } from "../core/models/formats/onnx/has_onnxruntime.ts";
import { field, join } from "../core/models/formats/onnx/write_model.ts";
import { onnxExperiment } from "./onnx_experiment.ts";
import { runIn } from "./tiny_experiment.ts";

const DATA = ["--data", "digits", "--backend", "wasm"];
/** Fields of ONNX' messages. */
const [GRAPH, NODE, OUTPUT] = [7, 1, 12];

/** The file with `operators`, one behind the other, behind its output. */
function append(
  bytes: Uint8Array<ArrayBuffer>,
  operators: ("Concat" | "Softmax" | "Sigmoid")[],
): Uint8Array {
  return join(...[...readFields(bytes, "it")].map((each) => {
    if (each.number !== GRAPH || typeof each.value === "number") {
      return field(each.number, each.value);
    }
    const parts = [...readFields(each.value, "the graph")];
    const last = parts.find(({ number }) => number === OUTPUT)?.value;
    if (!(last instanceof Uint8Array)) throw new Error("it has no output");
    const info = [...readFields(last, "the output")];
    let name = info.find(({ number }) => number === 1)?.value ?? "";
    const nodes = operators.map((operator) => {
      const node = join(
        field(1, name),
        field(2, operator),
        field(4, operator),
        ...operator === "Concat"
          ? [field(5, join(field(1, "axis"), field(3, 1), field(20, 2)))]
          : [],
      );
      name = operator;
      return field(NODE, node);
    });
    return field(
      GRAPH,
      join(
        ...parts.filter(({ number }) => number !== OUTPUT)
          .map(({ number, value }) => field(number, value)),
        ...nodes,
        field(
          OUTPUT,
          join(
            ...info.map(({ number, value }) =>
              field(number, number === 1 ? name : value)
            ),
          ),
        ),
      ),
    );
  }));
}

const folder = await onnxExperiment();
const teacher = await Deno.readFile(`${folder}/teacher.onnx`);
await Deno.writeFile(
  `${folder}/box.onnx`,
  append(teacher, ["Concat", "Softmax"]),
);
await Deno.writeFile(`${folder}/sigmoids.onnx`, append(teacher, ["Sigmoid"]));

Deno.test("summary tells what is in a black box, and why it is one", async () => {
  const { code, stdout, stderr } = await runIn(folder, [
    ...["summary", "box.onnx", "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const { kind, input, classes, parameters, operators, reason } = JSON.parse(
    stdout,
  );
  assertEquals([kind, input, classes, parameters], [
    "black box",
    [14, 14, 1],
    10,
    225_034,
  ]);
  assertEquals(operators.Concat, 1);
  assertStringIncludes(reason, "(Concat) must be");
  const told = await runIn(folder, ["summary", "box.onnx"]);
  assertStringIncludes(told.stdout, "Why it is no row of layers: ");
  assertStringIncludes(told.stdout, "Parameters: 225,034 (");
});

Deno.test("a row of layers that ends in sigmoids scores by what these read, and says so", async () => {
  const scores = [];
  for (const file of ["teacher.onnx", "sigmoids.onnx"]) {
    const { code, stdout, stderr } = await runIn(folder, [
      ...["evaluate", file, ...DATA, "--json"],
    ]);
    assertEquals(code, 0, stderr);
    assertEquals(
      stderr.includes(
        `${file} ends in a sigmoid for each class: what these read is taken for logits`,
      ),
      file === "sigmoids.onnx",
    );
    const { accuracy, loss } = JSON.parse(stdout);
    scores.push({ accuracy, loss });
  }
  assertEquals(scores[0], scores[1]);
  const told = await runIn(folder, ["summary", "sigmoids.onnx"]);
  assertStringIncludes(told.stderr, "ends in a sigmoid for each class");
});

Deno.test("what needs layers refuses a black box with the operator and the way out", async () => {
  for (
    const args of [
      ["sweep", "--teacher", "box.onnx"],
      ["distill", "--teacher", "box.onnx"],
      ["import", "box.onnx", "--out", "imported"],
      ["compress", "box.onnx", "--teacher", "teacher"],
    ]
  ) {
    const { code, stderr } = await runIn(folder, [...args, ...DATA]);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "(Concat) must be");
    assertStringIncludes(stderr, "it can teach `compact`");
  }
});

Deno.test("--bgr is refused of a model without colours, and of one that says what it reads", async () => {
  for (
    const [file, exit, message] of [
      ["box.onnx", 1, "it must read colours: it reads 1 channel"],
      ["teacher.onnx", 1, "it must read colours: it reads 1 channel"],
      ["teacher", 2, "it says itself that it reads"],
    ] as const
  ) {
    const { code, stderr } = await runIn(folder, [
      ...["evaluate", file, "--bgr", ...DATA],
    ]);
    assertEquals(code, exit, stderr);
    assertStringIncludes(stderr, message);
  }
});

Deno.test({
  name:
    "a black box scores as the row that it is otherwise, and teaches a compact student (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const scoreOf = async (file: string) => {
      const { code, stdout, stderr } = await runIn(folder, [
        ...["evaluate", file, ...DATA, "--json"],
      ]);
      assertEquals(code, 0, stderr);
      return { ...JSON.parse(stdout), stderr };
    };
    const row = await scoreOf("teacher.onnx");
    const box = await scoreOf("box.onnx");
    assertEquals([box.accuracy, box.format, box.parameters], [
      row.accuracy,
      "onnx",
      225_034,
    ]);
    assert(Math.abs(box.loss - row.loss) < 1e-5, `${box.loss}, ${row.loss}`);
    assertStringIncludes(box.stderr, "box.onnx is a black box");
    const { code, stderr } = await runIn(folder, [
      ...["compact", "--teacher", "box.onnx", "--layers", "conv3x4,max2"],
      ...["--copies", "1", "--batch", "16", "--averaging", "0.9"],
      ...["--epochs", "3", "--learning-rate", "0.02", "--quantised-epochs"],
      ...["2", "--out", "small.dram", ...DATA],
    ]);
    assertEquals(code, 0, stderr);
    const { scores, teacherSplit } = JSON.parse(
      await Deno.readTextFile(`${folder}/small.json`),
    );
    assert(scores.test.accuracy > 0.5, `${scores.test.accuracy}`);
    assertEquals(teacherSplit, "unknown");
  },
});

Deno.test("a black box of 100 MB is asked by each core, one of a gigabyte by one", () => {
  assert(
    countBoxAskers({ bytes: 1e8 }) >=
      Math.min(navigator.hardwareConcurrency, 4),
  );
  assertEquals(countBoxAskers({ bytes: 2 ** 30 }), 1);
});
