import {
  assertEquals,
  assertNotEquals,
  assertObjectMatch,
  assertStringIncludes,
} from "@std/assert";
import { countParameters } from "../../core/models/cost.ts";
import { loadModel } from "../../core/models/formats/load_model.ts";
import { studentOf } from "../../core/models/student.ts";
import { MODEL_FILES, namesIn, readManifest } from "./model_folder.ts";
import { freshExperiment, runIn, TINY } from "./tiny_experiment.ts";

Deno.test("distill writes a student with the teacher's convolutions, and says whose they are", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(
    folder,
    ["distill", ...TINY, "--hidden", "24", "--json"],
  );
  assertEquals(code, 0, stderr);
  const out = `${folder}/trained/student-24`;
  assertEquals(namesIn(out), MODEL_FILES);
  const teacher = await loadModel(`${folder}/teacher`);
  const student = await loadModel(out);
  assertEquals(
    student.spec,
    studentOf(teacher.spec, { hidden: 24, dropout: 0.2 }),
  );
  const heads = (24 * 1600 + 24) + (24 * 10 + 10);
  assertEquals(countParameters(student.spec), 18_816 + heads);
  assertEquals(student.weights.slice(0, 4), teacher.weights.slice(0, 4));
  assertEquals(student.manifest?.teacher, teacher.sha256);
  assertEquals(JSON.parse(stdout), {
    out: "trained/student-24",
    ...student.manifest,
  });
  const { configuration, dataset } = readManifest(out);
  assertObjectMatch(configuration, {
    ...{ hidden: 24, dropout: 0.2, seed: 1, loss: { kind: "logit-mse" } },
    training: { epochs: 3, batchSize: 32, optimiser: { kind: "adam" } },
  });
  assertEquals(dataset, readManifest(`${folder}/teacher`).dataset);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("distill --fine-tune lets the convolutions learn too", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(
    folder,
    ["distill", ...TINY, "--hidden", "3", "--fine-tune", "1", "--out", "tuned"],
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "student-3: ");
  assertStringIncludes(stdout, "written to tuned");
  assertEquals(namesIn(`${folder}/tuned`), [
    "manifest.json",
    "model.json",
    "weights.bin",
  ]);
  const teacher = await loadModel(`${folder}/teacher`);
  const { weights } = await loadModel(`${folder}/tuned`);
  assertNotEquals(weights[0], teacher.weights[0]);
  const { configuration } = readManifest(`${folder}/tuned`);
  assertObjectMatch(configuration, { fineTune: { epochs: 1 } });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("distill takes a temperature for temperature distillation alone", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(
    folder,
    ["distill", ...TINY, "--temperature", "2"],
  );
  assertEquals([code, stdout], [2, ""]);
  assertEquals(
    stderr,
    "retort: Cannot use --temperature without --loss distillation: no other loss has one\n",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("distill needs a teacher of the data that it is given", async () => {
  const folder = await freshExperiment();
  assertEquals(await runIn(folder, ["distill", "--data", "digits"]), {
    code: 2,
    stdout: "",
    stderr:
      "retort: Cannot use --data digits without a teacher of that data: train one with `deno task train --data digits --out FOLDER`, then pass --teacher FOLDER\n",
  });
  const sized = await runIn(folder, [
    ...["distill", "--data", "digits", "--image", "16x16x3"],
  ]);
  assertStringIncludes(
    sized.stderr,
    "`deno task train --data digits --image 16x16x3 --out FOLDER`",
  );
  const { code, stderr } = await runIn(folder, [
    ...["distill", "--teacher", "teacher", "--backend", "wasm"],
  ]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "retort: Cannot use teacher on mnist: it reads images of 14×14×1 in 10 classes: these are images of 28×28×1 in 10 classes",
  );
  await Deno.remove(folder, { recursive: true });
});
