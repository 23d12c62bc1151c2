import { assertEquals, assertMatch } from "@std/assert";
import { encodeDram } from "../../core/compress/code/encode_dram.ts";
import { weightShapes } from "../../core/models/cost.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { randomStream } from "../../core/random/stream.ts";
import { assertShape } from "./assert_shape.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";

const folder = await freshExperiment();
const spec = parseLayers("pool2,dense6", { input: [14, 14, 1] });
const random = randomStream(1);
const dram = encodeDram({
  spec,
  labels: [..."0123456789"],
  tensors: weightShapes(spec).map((shape) => ({
    ...{ kind: "uniform", shape, bits: 3, scale: Float32Array.of(0.25) },
    levels: Int8Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => random.below(8) - 4,
    ),
  })),
});
await Deno.writeFile(`${folder}/small.dram`, dram);
const ARGS = [
  "baselines",
  "small.dram",
  "--data",
  "digits",
  "--backend",
  "cpu",
];

Deno.test("baselines --json sets the file beside tfjs's own, plain and gzipped", async () => {
  const { code, stdout, stderr } = await runIn(folder, [...ARGS, "--json"]);
  assertEquals(code, 0, stderr);
  const result = JSON.parse(stdout);
  assertShape(result, {
    ...{ file: "string", bytes: "number", accuracy: "number" },
    ...{ parameters: "number", dataset: "string", split: "string" },
    count: "number",
    baselines: [{
      ...{ precision: "string", json: "number", weights: "number" },
      ...{ bytes: "number", gzipped: "number", accuracy: "number" },
    }],
  });
  assertEquals([result.bytes, result.count], [dram.length, 300]);
  const [float32, float16] = result.baselines;
  assertEquals(float32.weights, 4 * result.parameters);
  assertEquals([float32.accuracy, float16.accuracy], [
    result.accuracy,
    result.accuracy,
  ]);
});

Deno.test("baselines prints a table, and writes the files where --out says", async () => {
  const { code, stdout } = await runIn(folder, [...ARGS, "--out", "tfjs"]);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^file +model\.json +weights +bytes +gzipped +over \.dram +accuracy\n/,
  );
  assertMatch(stdout, /\ntfjs uint8 /);
  for (const precision of ["float32", "float16", "uint8"]) {
    const names = [...Deno.readDirSync(`${folder}/tfjs/${precision}`)]
      .map(({ name }) => name).sort();
    assertEquals(names, ["model.json", "weights.bin"]);
  }
});

Deno.test("baselines refuses what is no .dram file", async () => {
  await Deno.writeTextFile(`${folder}/note.dram`, "a text");
  const { code, stderr } = await runIn(folder, ["baselines", "note.dram"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^retort: Cannot read note\.dram: /);
});
