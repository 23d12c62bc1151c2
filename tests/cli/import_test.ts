import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { graphOf } from "../core/models/formats/graph_model/graph_of.ts";
import {
  withGraph,
  writeGraph,
} from "../core/models/formats/graph_model/write_graph.ts";
import { namesIn } from "./model_folder.ts";
import { onnxExperiment } from "./onnx_experiment.ts";
import { runIn } from "./tiny_experiment.ts";

const DATA = ["--data", "digits", "--backend", "wasm"];
const folder = await onnxExperiment();

async function runJson(...args: string[]) {
  const { code, stdout, stderr } = await runIn(folder, [...args, "--json"]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("import makes a folder of an ONNX file, proven by runtimes, that scores alike", async () => {
  const told = await runJson(
    ...["import", "bytes.onnx", "--pixels", "255", "--out", "imported"],
    ...DATA,
  );
  const { accuracy, loss } = await runJson("evaluate", "imported", ...DATA);
  const own = await runJson("evaluate", "teacher", ...DATA);
  assertEquals(told.scores.test, { accuracy, loss });
  assertEquals(accuracy, own.accuracy);
  assertEquals(told.imported.format, "onnx");
  assertEquals(told.imported.pixels.scale, 255);
  assertEquals(namesIn(`${folder}/imported`), [
    "manifest.json",
    "model.json",
    "weights.bin",
  ]);
  // Without its package, which is fetched, a file's own runtime isn't asked.
  const [first, ...others] = told.proofs.map(({ of }: { of: string }) => of)
    .reverse();
  assertEquals(first, "folder");
  assert(others.length === 0 || others[0] === "original");
  for (const { images, compared, largestDifference } of told.proofs) {
    assertEquals([images, compared], [300, "logits"]);
    assert(largestDifference < 1e-4, `${largestDifference}`);
  }
  // Nothing says what it has learnt from: students are told so.
  const { code, stderr } = await runIn(folder, [
    ...["evaluate", "imported", "--split", "validation", ...DATA],
  ]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "is not recorded");
});

Deno.test("import makes a folder of a tfjs GraphModel, proven by stock tfjs on both, and says what its pixels are", async () => {
  const { spec, weights } = await loadModel(`${folder}/teacher`);
  await withGraph(writeGraph(graphOf(spec, weights, 255)), async (graph) => {
    // The teacher's weights are of pixels from 0 to 1, which come of this scale.
    const scored = await runJson("evaluate", graph, ...DATA);
    const own = await runJson("evaluate", "teacher", ...DATA);
    assertEquals(
      [scored.format, scored.accuracy],
      ["tfjs-graph-model", own.accuracy],
    );
    const told = await runJson(
      ...["import", `${graph}/model.json`, "--out", "of-graph"],
      ...DATA,
    );
    assertEquals(told.imported.format, "tfjs-graph-model");
    assertEquals(told.imported.pixels.scale, 255);
    assertEquals(
      told.proofs.map(({ of, compared }: Record<string, string>) => [
        of,
        compared,
      ]),
      [["original", "probabilities"], ["folder", "logits"]],
    );
  });
});

Deno.test("import refuses what is no other program's model, and tells where to say where", async () => {
  for (
    const [args, message] of [
      [["teacher.onnx"], "--out must name the folder"],
      [["digits/t10k-labels-idx1-ubyte", "--out", "x"], "ending .onnx"],
      [
        ["teacher", "--pixels", "255", "--out", "x"],
        "it says itself that it reads",
      ],
    ] as const
  ) {
    const { code, stderr } = await runIn(folder, ["import", ...args, ...DATA]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, message);
  }
  assertEquals(namesIn(folder).includes("x"), false);
});
