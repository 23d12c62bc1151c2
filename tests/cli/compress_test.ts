import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { weightShapes } from "../../core/models/cost.ts";
import { parseRecipe } from "../../core/compress/pipeline/recipe.ts";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";

/** Quick, on one backend. */
const QUICK = [
  ...["--data", "digits", "--teacher", "teacher", "--backend", "wasm"],
  ...["--copies", "2", "--rounds", "2"],
  ...["--epochs", "2", "--form-epochs", "1"],
  ...["--tries", "3"],
];

/** What has no option: short training after thinning, few images, plain copies. */
const SHORT = {
  epochs: { thin: 1 },
  examplesPerEpoch: 200,
  pool: { augmentation: { elastic: { amplitude: 0 } } },
};
const RECIPE = { ...SHORT, form: { kind: "quantise", bits: { budget: 4000 } } };

Deno.test("compress writes a file, its manifest and its certificate, with a table of stages", async () => {
  const folder = await freshExperiment();
  await Deno.writeTextFile(`${folder}/recipe.json`, JSON.stringify(RECIPE));
  const { code, stdout, stderr } = await runIn(folder, [
    ...["compress", "teacher", ...QUICK, "--out", "small.dram", "--json"],
    ...["--recipe", "recipe.json", "--sparsity", "0.5", "--sensitivity"],
    ...["--method", "thin", "--widths", "conv1=4,conv2=6,dense1=16"],
  ]);
  assertEquals(code, 0, stderr);
  const document = JSON.parse(stdout);
  const file = await Deno.readFile(`${folder}/small.dram`);
  const { tensors } = decodeDram(file);
  assertEquals(document.bytes, file.length);
  assertEquals(
    document.stages.map(({ stage }: { stage: string }) => stage),
    ["start", "exact", "thin", "prune", "exact", "quantise", "code"],
  );
  const last = document.stages[6];
  assertEquals(last.bytes, file.length);
  assertEquals(document.scores.test, last.test);
  // The recipe's and the options' together, which the manifest is a recipe of.
  const { epochs, rates, form, ...configuration } = document.configuration;
  assertEquals([epochs, rates.float, form.bits], [
    { thin: 1, prune: 1, last: 2, form: 1 },
    0.002,
    RECIPE.form.bits,
  ]);
  assertEquals(
    [configuration.sparsity, configuration.examplesPerEpoch],
    [0.5, 200],
  );
  assertEquals(
    parseRecipe(JSON.stringify(document), "it"),
    document.configuration,
  );
  assertEquals(
    tensors.map(({ shape }) => shape),
    weightShapes(document.spec),
  );
  assertStringIncludes(
    document.command,
    '--widths "conv1=4,conv2=6,dense1=16"',
  );
  assertStringIncludes(document.command, "teacher");
  const manifest = JSON.parse(
    await Deno.readTextFile(`${folder}/small.json`),
  );
  assertEquals({ out: "small.dram", ...manifest }, document);
  const certificate = JSON.parse(
    await Deno.readTextFile(`${folder}/small.certificate.json`),
  );
  assertEquals(certificate.file.bytes, file.length);
  assertEquals(certificate.images.count, 300);
  for (const name of ["as", "stage", "bits/weight", "magnitude pruning"]) {
    assertStringIncludes(stderr, name);
  }
  for (const by of ["sparsity", "bits"]) {
    const chart = `${folder}/small-sensitivity-${by}.svg`;
    assertStringIncludes(await Deno.readTextFile(chart), ">conv1</text>");
  }
  const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert(!left.includes("small.dram.stages"), `${left}`);

  const evaluated = await runIn(folder, [
    ...["evaluate", "small.dram", "--data", "digits", "--json"],
  ]);
  assertEquals(evaluated.code, 0, evaluated.stderr);
  const { bytes, accuracy } = JSON.parse(evaluated.stdout);
  assertEquals([bytes, accuracy], [file.length, last.test.accuracy]);
});

Deno.test("compress --study --target-bytes searches the sparsity for a study's smallest model", async () => {
  const folder = await tinyExperiment();
  const own = await Deno.makeTempDir();
  const recipe = `${own}/recipe.json`;
  await Deno.writeTextFile(recipe, JSON.stringify(SHORT));
  const out = `${own}/new/student.dram`; // In a folder that isn't there yet.
  const { code, stdout, stderr } = await runIn(folder, [
    ...["compress", "--study", "default", "--target-accuracy", "0.1"],
    ...["--target-bytes", "6000", ...QUICK, "--recipe", recipe],
    ...["--out", out, "--stages", `${own}/stages`, "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const { bytes, trials, chosen, reached, stages } = JSON.parse(stdout);
  assert(reached && bytes <= 6000);
  assertEquals(chosen, trials[trials.length - 1]);
  assertEquals(stages[stages.length - 1].bytes, bytes);
  assertEquals((await Deno.stat(out)).size, bytes);
  assert((await Deno.stat(`${own}/stages`)).isDirectory);
});

Deno.test("what compress can't use is told before anything is computed", async () => {
  const folder = await tinyExperiment();
  const cases: [string[], string][] = [
    [[], "give either a model folder or --study NAME"],
    [["teacher", "--study", "default"], "give either"],
    [["teacher", "--widths", "conv1=2"], "--method deep-compression"],
    [["teacher", "--entries", "4", "--bits", "3"], "--bits with --entries"],
    [["teacher", "--method", "thin", "--widths", "conv1"], "conv1=8"],
    [["teacher", "--entries", "4.5"], "integer"],
    [["teacher", "--bits", "3"], "--bits with --method deep-compression"],
    [["teacher", "--per-channel"], "a recipe says it, as form.perChannel"],
    [["teacher", "--loss=labels"], "a recipe says it, as loss.kind"],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runIn(folder, [
      ...["compress", ...args, ...QUICK],
    ]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, message);
  }
  const { code, stderr } = await runIn(folder, [
    ...["compress", "teacher", "--entries", "4,4", ...QUICK],
    ...["--out", "refused.dram"],
  ]);
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, "one for each of 4 kernels");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert(!names.includes("refused.dram.stages"), `${names}`);
});
