import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import type { StudyResult } from "../../core/sweep/result.ts";
import { MODEL_FILES, namesIn, readManifest } from "./model_folder.ts";
import { runIn, sweepOutcome, tinyExperiment } from "./tiny_experiment.ts";

/** Backend, and the teacher of the tiny study. */
const WHERE = ["--teacher", "teacher", "--backend", "wasm"];

Deno.test("frontier --accuracy names the smallest model for each", async () => {
  const folder = await tinyExperiment();
  const { stdout } = await runIn(folder, [
    "frontier",
    "--accuracy",
    "0.05,0.9",
    "--json",
  ]);
  const swept: StudyResult = JSON.parse((await sweepOutcome()).stdout);
  const { study, frontier, monotone } = JSON.parse(stdout);
  assertEquals([study, monotone], ["default", swept.monotone]);
  const [low, high] = frontier;
  assertEquals([frontier.length, low.accuracy, low.hidden], [2, 0.05, 2]);
  assertEquals([high.accuracy, high.hidden], [0.9, 24]);
  assertEquals(high.parameters, 18_816 + 1611 * 24 + 10);
});

Deno.test("frontier prints a table and an answer for every accuracy asked for", async () => {
  const folder = await tinyExperiment();
  const args = ["frontier", "--accuracy", "0.9,0.999"];
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^accuracy +hidden/);
  assertMatch(
    stdout,
    /\nsmallest model at ≥ 0\.90: 24 hidden units, 57,490 parameters/,
  );
  assertMatch(stdout, /\nsmallest model at ≥ 0\.999: none: the best reaches/);
  assertEquals(stdout.match(/^monotone: /gm)?.length, 1);
});

Deno.test("frontier --export writes a model that scores what its trial did, exactly", async () => {
  const folder = await tinyExperiment();
  const out = await Deno.makeTempDir();
  const exported = await runIn(folder, [
    ...["frontier", "--accuracy", "0.9", "--export", `${out}/s`, ...WHERE],
  ]);
  assertEquals(exported.code, 0, exported.stderr);
  assertStringIncludes(exported.stderr, `written to ${out}/s`);
  assertEquals(namesIn(`${out}/s`), MODEL_FILES);
  const { configuration, scores, teacher } = readManifest(`${out}/s`);
  const { students }: StudyResult = JSON.parse((await sweepOutcome()).stdout);
  const trial = students.find(({ hidden, seed, accuracy }) =>
    hidden === 24 && seed === Reflect.get(configuration, "seed") &&
    accuracy.test === scores.test.accuracy
  );
  assert(trial !== undefined);
  assertEquals(teacher?.length, 64);
  const { stdout } = await runIn(folder, [
    ...["evaluate", `${out}/s`, "--data", "digits", "--backend", "wasm"],
    "--json",
  ]);
  const evaluated = JSON.parse(stdout);
  assertEquals(evaluated.accuracy, trial?.accuracy.test);
  assertEquals(evaluated.parameters, trial?.parameters);
  await Deno.remove(out, { recursive: true });
});

Deno.test("frontier --export writes nothing where no model is accurate enough", async () => {
  const folder = await tinyExperiment();
  const { code, stderr } = await runIn(folder, [
    ...["frontier", "--accuracy", "0.999", "--export", "none", ...WHERE],
  ]);
  assertEquals(code, 1);
  assertMatch(stderr, /^retort: Cannot export a model: one of the study must/);
  assert(!existsSync(`${folder}/none`));
});

Deno.test("frontier --export refuses a teacher that the study wasn't made with", async () => {
  const folder = await tinyExperiment();
  const out = await Deno.makeTempDir();
  for (const name of MODEL_FILES) {
    await Deno.copyFile(`${folder}/teacher/${name}`, `${out}/${name}`);
  }
  const weights = await Deno.readFile(`${out}/weights.bin`);
  weights[0] ^= 1;
  await Deno.writeFile(`${out}/weights.bin`, weights);
  const { code, stderr } = await runIn(folder, [
    ...["frontier", "--accuracy", "0.9", "--export", `${out}/s`],
    ...["--teacher", out, "--backend", "wasm"],
  ]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "this is another; pass that one's folder with --teacher",
  );
  await Deno.remove(out, { recursive: true });
});
