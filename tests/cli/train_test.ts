import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { existsSync } from "node:fs";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { SHIPPED_TEACHER } from "../../core/models/shipped_teacher.ts";
import { TEACHER_RECIPES } from "../../core/train/teacher_recipes.ts";
import { TEACHER_CONFIGURATION } from "../../core/train/train_teacher.ts";
import { MODEL_FILES, namesIn, readManifest } from "./model_folder.ts";
import { startIn } from "./start_process.ts";
import {
  freshExperiment,
  runIn,
  tinyExperiment,
  trainTiny,
} from "./tiny_experiment.ts";

Deno.test("train writes a model folder with a manifest of how it was made", async () => {
  const folder = `${await tinyExperiment()}/teacher`;
  assertEquals(namesIn(folder), MODEL_FILES);
  const { spec, bytes, manifest } = await loadModel(folder);
  assertEquals([spec.name, spec.input], ["teacher", [14, 14, 1]]);
  assertEquals(bytes, Deno.statSync(`${folder}/weights.bin`).size);
  assertEquals(manifest?.spec, spec);
  assertEquals(manifest?.configuration, {
    ...TEACHER_CONFIGURATION,
    epochs: 3,
    batchSize: 16,
    shift: 0,
    schedule: { kind: "constant", rate: TEACHER_CONFIGURATION.schedule.rate },
  });
  assertEquals(manifest?.backend, { name: "wasm", adapter: null });
});

Deno.test("train --json is one document; the seed decides the weights", async () => {
  const folder = await freshExperiment();
  const train = async (seed: string, out: string) => {
    const args = ["--epochs", "1", "--seed", seed, "--out", out, "--json"];
    const outcome = await runIn(folder, trainTiny(...args));
    assertEquals(outcome.code, 0, outcome.stderr);
    const weights = Deno.readFileSync(`${folder}/${out}/weights.bin`);
    return { ...outcome, weights };
  };
  const { stdout, stderr, weights } = await train("7", "a/b");
  const manifest = readManifest(`${folder}/a/b`);
  assertEquals(JSON.parse(stdout), { out: "a/b", ...manifest });
  assertStringIncludes(stderr, "teacher: epoch 1/1, loss ");
  assertEquals((await train("7", "again")).weights, weights);
  assertNotEquals((await train("8", "other")).weights, weights);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name:
    "train saves at the first Ctrl-C, exits with 130, and goes on to the weights of a run without a stop",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await freshExperiment();
    const args = trainTiny("--epochs", "3", "--out", "stopped");
    const running = startIn(folder, args);
    const checkpoint = `${folder}/stopped/unfinished.checkpoint`;
    await running.until(() => existsSync(checkpoint));
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.end();
    assertEquals([code, stdout], [130, ""]);
    assertStringIncludes(stderr, "retort: interrupted: saving what is done");
    assertEquals(namesIn(`${folder}/stopped`), ["unfinished.checkpoint"]);

    const other = await runIn(folder, [...args, "--seed", "2"]);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "retort: Cannot resume from stopped/");

    const resumed = await runIn(folder, args);
    assertEquals(resumed.code, 0);
    assertStringIncludes(resumed.stdout, "225,034 parameters");
    assertEquals(
      Deno.readFileSync(`${folder}/stopped/weights.bin`),
      Deno.readFileSync(`${folder}/teacher/weights.bin`),
    );
    assert(!existsSync(checkpoint));
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("train --model trains another large model by its own recipe", async () => {
  const folder = await freshExperiment();
  const args = trainTiny("--model", "lenet-300-100", "--epochs", "2");
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "lenet-300-100: 90,210 parameters");
  assertStringIncludes(stdout, "written to trained/lenet-300-100");
  const { spec, manifest } = await loadModel(
    `${folder}/trained/lenet-300-100`,
  );
  const { makeSpec, configuration } = TEACHER_RECIPES["lenet-300-100"];
  assertEquals(spec, makeSpec({ input: [14, 14, 1], classes: 10 }));
  assertEquals(manifest?.configuration, {
    ...configuration,
    epochs: 2,
    batchSize: 16,
    shift: 0,
    schedule: { kind: "constant", rate: configuration.schedule.rate },
  });
  await Deno.remove(folder, { recursive: true });
});

const noTeacher = existsSync(SHIPPED_TEACHER)
  ? ""
  : " (ignored: the repository holds no teacher yet)";

Deno.test({
  name:
    `train makes the shipped teacher's configuration again by default${noTeacher}`,
  ignore: noTeacher !== "",
  async fn() {
    const { manifest } = await loadModel(SHIPPED_TEACHER);
    assertEquals(manifest?.configuration, { ...TEACHER_CONFIGURATION });
  },
});
