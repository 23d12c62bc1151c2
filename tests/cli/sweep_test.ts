import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { StudyResult } from "../../core/sweep/result.ts";
import { assertShape } from "./assert_shape.ts";
import { namesIn, readManifest } from "./model_folder.ts";
import {
  freshExperiment,
  readTrials,
  runIn,
  SWEEP,
  sweepOutcome,
  TINY,
  tinyExperiment,
} from "./tiny_experiment.ts";

const ACCURACY = { validation: "number", test: "number" } as const;
const ESTIMATE = { mean: "number", low: "number", high: "number" } as const;

Deno.test("sweep --json has the keys and kinds that DESIGN.md names, on stdout alone", async () => {
  const { code, stdout, stderr } = await sweepOutcome();
  assertEquals(code, 0);
  assertShape(JSON.parse(stdout), {
    study: "string",
    dataset: {
      name: "string",
      sha256: {
        "train-images-idx3-ubyte": "string",
        "train-labels-idx1-ubyte": "string",
        "t10k-images-idx3-ubyte": "string",
        "t10k-labels-idx1-ubyte": "string",
      },
      train: "number",
      validation: "number",
      test: "number",
    },
    backend: { name: "string", adapter: "null" },
    teacher: {
      parameters: "number",
      bytes: "number",
      accuracy: ACCURACY,
      split: "string",
    },
    students: [{
      hidden: "number",
      dropout: "number",
      loss: "string",
      seed: "number",
      parameters: "number",
      bytes: "number",
      compression: "number",
      accuracy: ACCURACY,
      seconds: "number",
    }],
    frontier: [{
      accuracy: "number",
      parameters: "number",
      bytes: "number",
      compression: "number",
      hidden: "number",
      dropout: "number",
      loss: "string",
      validation: ESTIMATE,
      test: ESTIMATE,
    }],
    monotone: {
      holds: "boolean",
      violations: [{
        smaller: "number",
        larger: "number",
        loss: "string",
        dropout: "number",
        difference: "number",
        interval: ["number"],
      }],
    },
    seconds: "number",
  });
  assertMatch(stderr, /^wasm: asked for\n/);
  assertMatch(stderr, /\nstudents: \d+\/\d+ images, 0s left/);
});

Deno.test("sweep reports each student of the grid once, with its exact size", async () => {
  const folder = await tinyExperiment();
  const result: StudyResult = JSON.parse((await sweepOutcome()).stdout);
  const { study, dataset, teacher, students, frontier } = result;
  assertEquals(study, "default");
  assertEquals([dataset.train, dataset.validation, dataset.test], [
    ...[825, 75, 300],
  ]);
  const manifest = readManifest(`${folder}/teacher`);
  assertEquals(dataset.sha256, manifest.dataset.sha256);
  assertEquals([teacher.parameters, teacher.bytes], [225_034, 900_136]);
  const { validation, test } = manifest.scores;
  assertAlmostEquals(teacher.accuracy.validation, validation.accuracy, 1e-6);
  assertAlmostEquals(teacher.accuracy.test, test.accuracy, 1e-6);

  const grid = ["logit-mse", "cross-entropy"].flatMap((loss) =>
    [1, 2].flatMap((seed) =>
      [2, 24].map((hidden) => `${hidden} ${loss} ${seed}`)
    )
  );
  assertEquals(
    students.map(({ hidden, loss, seed }) => `${hidden} ${loss} ${seed}`),
    grid,
  );
  for (const student of students) {
    const { hidden, dropout, parameters, bytes, compression } = student;
    assertEquals(
      parameters,
      18_816 + 1600 * hidden + hidden + 10 * hidden + 10,
    );
    assertEquals([dropout, bytes], [0.2, 4 * parameters]);
    assertEquals(compression, 225_034 / parameters);
    assert(student.seconds > 0);
  }
  for (const { accuracy, hidden, validation } of frontier) {
    assert(validation.mean >= accuracy);
    assertEquals(hidden, 24);
  }
});

Deno.test("sweep writes the study, the report and its plots", async () => {
  const folder = `${await tinyExperiment()}/studies/default`;
  const names = namesIn(folder).filter((name) => name !== "study.db.lock");
  assertEquals(names, ["plots", "report.html", "study.db"]);
  assertEquals(namesIn(`${folder}/plots`), [
    "accuracy-by-hidden-units.svg",
    "accuracy-by-parameters.svg",
    "confusion-matrix.svg",
    "frontier.svg",
    "size-by-hidden-units.svg",
    "training-accuracy-cross-entropy.svg",
    "training-accuracy-logit-mse.svg",
    "training-loss-cross-entropy.svg",
    "training-loss-logit-mse.svg",
  ]);
  for (const name of namesIn(`${folder}/plots`)) {
    assertMatch(
      Deno.readTextFileSync(`${folder}/plots/${name}`),
      /^<svg[^]*<\/svg>\s*$/,
    );
  }
});

Deno.test("sweep trains nothing twice, and prints its table and answer again", async () => {
  const folder = await tinyExperiment();
  const path = `${folder}/studies/default/study.db`;
  const before = readTrials(path);
  const { code, stdout, stderr } = await runIn(folder, SWEEP);
  assertEquals([code, stderr], [0, "wasm: asked for\n"]);
  assertEquals(readTrials(path), before);
  assertMatch(stdout, /^\nhidden +dropout +loss +parameters/);
  assertStringIncludes(stdout, "\nsmallest model at ≥ 0.95: ");
  assertStringIncludes(stdout, "\nmonotone: ");
  assertMatch(stdout, /\nReport: studies\/default\/report\.html\n$/);
});

Deno.test("sweep --resume finishes a study with its own grid and training", async () => {
  const folder = await tinyExperiment();
  const where = ["--data", "digits", "--teacher", "teacher"];
  const resume = ["sweep", "--resume", ...where, "--backend", "wasm"];
  const { code, stdout } = await runIn(folder, [...resume, "--json"]);
  assertEquals(code, 0);
  const { students }: StudyResult = JSON.parse(stdout);
  assertEquals(students.length, 8);
  for (
    const [flag, value] of [
      ["--hidden", "3"],
      ["--seed", "9"],
      ["--seed", "1"],
      ["--temperature", "2"],
      ["--alpha", "0.5"],
    ]
  ) {
    assertEquals(await runIn(folder, [...resume, flag, value]), {
      code: 2,
      stdout: "",
      stderr:
        `retort: Cannot use --resume with ${flag}: the study goes on as it was planned; leave one of them out\n`,
    });
  }
});

Deno.test("sweep --dry-run counts what is left to train, and writes nothing", async () => {
  const folder = await freshExperiment();
  await Deno.remove(`${folder}/.retort`);
  const before = namesIn(folder);
  const dry = [...SWEEP, "--dry-run"];
  const { code, stdout, stderr } = await runIn(folder, [...dry, "--json"]);
  assertEquals([code, stderr], [0, "wasm: asked for\n"]);
  const { seconds, ...counts } = JSON.parse(stdout);
  const parameters = 4 * (2 * 18_826 + (2 + 24) * 1611);
  assertEquals(counts, { study: "default", trials: 8, cohorts: 2, parameters });
  assert(seconds > 0);
  assertEquals(namesIn(folder), before);
  await Deno.remove(folder, { recursive: true });

  const swept = await tinyExperiment();
  const files = namesIn(`${swept}/studies/default`);
  const wider = ["sweep", ...TINY, "--hidden", "2,3", "--seeds", "1,2"];
  const again = await runIn(swept, [...wider, "--dry-run", "--json"]);
  assertEquals(JSON.parse(again.stdout).trials, 4);
  assertEquals(namesIn(`${swept}/studies/default`), files);
});

Deno.test("sweep takes its seeds from --seed on", async () => {
  const folder = await tinyExperiment();
  const dry = [
    "sweep",
    ...TINY,
    "--hidden",
    "24",
    "--loss",
    "logit-mse",
    "--dry-run",
  ];
  const { stdout } = await runIn(folder, [...dry, "--seed", "2", "--json"]);
  // Of seeds 2, 3 and 4 the study has 2 already.
  assertEquals(JSON.parse(stdout).trials, 2);
});

Deno.test("sweep refuses trials under another setting than the study's", async () => {
  const folder = await tinyExperiment();
  const path = `${folder}/studies/default/study.db`;
  const before = readTrials(path);
  const args = SWEEP.map((arg) => arg === "0.005" ? "0.004" : arg);
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(
    stderr,
    "retort: Cannot add to the study studies/default/study.db: its trials must share teacher, data and training",
  );
  assertEquals(readTrials(path), before);
});

const USAGE: [args: string[], stderr: string][] = [
  [["--quick", "--full"], "Cannot use --quick with --full: a sweep is one"],
  [["--study", "../x"], "Cannot use --study ../x: a name must be letters"],
  [["--losses", "labels"], "no such option; the nearest is --loss"],
  [["--temperature", "2"], "--temperature without --loss distillation"],
  [["--loss", "labels", "--alpha", "1"], "--alpha without --loss distillation"],
  [["--loss", "mse"], "each value must be one of logit-mse, distillation"],
];
for (const [args, message] of USAGE) {
  Deno.test(`sweep refuses ${args.join(" ")} as wrong usage`, async () => {
    const { code, stdout, stderr } = await runIn(await tinyExperiment(), [
      ...["sweep", "--data", "digits", "--teacher", "teacher", ...args],
    ]);
    assertEquals([code, stdout, stderr.split("\n").length], [2, "", 2]);
    assertStringIncludes(stderr, message);
  });
}
