import { idxBytes } from "../core/data/formats/idx_bytes.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readManifest } from "./model_folder.ts";
import { runIn, tinyExperiment } from "./tiny_experiment.ts";

const EVALUATE = [
  "evaluate",
  "teacher",
  "--data",
  "digits",
  "--backend",
  "wasm",
];

Deno.test("evaluate --json scores a model on the test images as its manifest does", async () => {
  const folder = await tinyExperiment();
  const { code, stdout } = await runIn(folder, [...EVALUATE, "--json"]);
  assertEquals(code, 0);
  const { test } = readManifest(`${folder}/teacher`).scores;
  assertEquals(JSON.parse(stdout), {
    file: "teacher",
    format: "tfjs-layers-model",
    parameters: 225_034,
    bytes: 900_136,
    dataset: "digits",
    split: "test",
    count: 300,
    accuracy: test.accuracy,
    loss: test.loss,
  });
});

Deno.test("evaluate and data read images in parts to the same bits", async () => {
  const folder = await tinyExperiment();
  const outcomes = [];
  // 900 images of 196 pixels have 0.17 MiB.
  for (const memory of ["1", "0"]) {
    const told = [];
    for (
      const args of [
        [...EVALUATE, "--json"],
        [...EVALUATE, "--json", "--split", "validation"],
        ["data", "digits", "--json"],
      ]
    ) {
      const outcome = await runIn(folder, [...args, "--memory", memory]);
      assertEquals(outcome.code, 0, outcome.stderr);
      told.push(JSON.parse(outcome.stdout));
    }
    outcomes.push(told);
  }
  assertEquals(outcomes[1], outcomes[0]);
});

Deno.test("evaluate --split takes the images that the model was chosen by", async () => {
  const folder = await tinyExperiment();
  const { validation } = readManifest(`${folder}/teacher`).scores;
  const { stdout } = await runIn(folder, [
    ...EVALUATE,
    "--split",
    "validation",
  ]);
  const accuracy = validation.accuracy.toFixed(4);
  assertStringIncludes(stdout, `teacher: accuracy ${accuracy}, loss `);
  assertStringIncludes(
    stdout,
    " on 75 validation images of digits; 225,034 parameters, 900,136 bytes",
  );
});

Deno.test("evaluate refuses images of another size, and other classes", async () => {
  const folder = await tinyExperiment();
  const mnist = await runIn(folder, ["evaluate", "teacher"]);
  assertEquals(mnist, {
    code: 1,
    stdout: "",
    stderr:
      "retort: Cannot use teacher on mnist: it reads images of 14×14×1 in 10 classes: these are images of 28×28×1 in 10 classes; pass --data with what the model was made for\n",
  });
  const pair = await Deno.makeTempDir();
  for (const part of ["train", "t10k"]) {
    const pixels = idxBytes([4, 14, 14], new Uint8Array(4 * 196));
    await Deno.writeFile(`${pair}/${part}-images-idx3-ubyte`, pixels);
    const labels = idxBytes([4], Uint8Array.of(0, 1, 0, 10));
    await Deno.writeFile(`${pair}/${part}-labels-idx1-ubyte`, labels);
  }
  const other = await runIn(folder, ["evaluate", "teacher", "--data", pair]);
  assertEquals(other.code, 1);
  assertStringIncludes(
    other.stderr,
    "these are images of 14×14×1 in 11 classes",
  );
  await Deno.remove(pair, { recursive: true });
});
