import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeDram } from "../../core/infer/decode_dram.ts";
import { randomStream } from "../../core/random/stream.ts";
import { openStudy } from "../../core/study/study.ts";
import { readContext, readTestLabels } from "../../core/study/context.ts";
import { listFinishedTrials } from "../../core/sweep/trials.ts";
import { runIn } from "./tiny_experiment.ts";

const CLASSES = 300;
const SIDE = 8;

/** Lines of a .csv file: a class's number, from 5 on, and its bits as blocks of an image. */
function drawNumbers(each: number, part: string): string {
  const random = randomStream(1, "many classes", part);
  const lines = Array.from({ length: each * CLASSES }, (_, line) => {
    const label = line % CLASSES;
    const pixels = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const block = 3 * Math.floor(i / SIDE / 3) + Math.floor(i % SIDE / 3);
      return 180 * (label >> block & 1) + random.below(40);
    });
    return [label + 5, ...pixels].join(",");
  });
  return lines.join("\n");
}

const folder = await Deno.makeTempDir();
await Deno.mkdir(`${folder}/numbers`);
for (const [part, each] of [["train", 3], ["test", 1]] as const) {
  await Deno.writeTextFile(
    `${folder}/numbers/${part}.csv`,
    drawNumbers(each, part),
  );
}
const names = Array.from({ length: CLASSES }, (_, i) => `number ${i}`);
await Deno.writeTextFile(`${folder}/names.txt`, names.join("\n"));

const DATA = [
  ...["--data", "numbers", "--label-offset", "5", "--classes", "names.txt"],
];
const TEACHER = [...DATA, "--teacher", "teacher", "--backend", "wasm"];
const LEARNING = [
  ...["--batch", "32", "--optimiser", "adam", "--schedule", "constant"],
];

/** Runs a command line that must do its work; gives its JSON. */
async function run(...args: string[]) {
  const { code, stdout, stderr } = await runIn(folder, [...args, "--json"]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("300 classes go the whole way: data, train, sweep, compact, evaluate", async (t) => {
  await t.step("data names and counts them", async () => {
    const told = await run("data", "numbers", ...DATA.slice(2));
    assertEquals(told.classes, names);
    assertEquals(told.counts.test, new Array(CLASSES).fill(1));
    const few = await runIn(folder, ["data", "numbers", "--classes", "a,b"]);
    assertStringIncludes(few.stderr, "there are 2, and labels go to 304");
  });
  await t.step("train and evaluate tell all of them apart", async () => {
    const { scores } = await run(
      ...["train", ...DATA, ...LEARNING, "--backend", "wasm", "--shift", "0"],
      ...["--learning-rate", "0.003", "--epochs", "14", "--out", "teacher"],
    );
    // Of the answers that a byte holds no more than 256 can be right.
    assert(scores.test.accuracy > 256 / CLASSES, `${scores.test.accuracy}`);
    const scored = await run(
      ...["evaluate", "teacher", ...DATA, "--backend", "wasm"],
    );
    assertEquals(scored.accuracy, scores.test.accuracy);
  });
  await t.step(
    "sweep keeps each answer, and its report shows the most mistaken",
    async () => {
      const { students } = await run(
        ...["sweep", ...TEACHER, ...LEARNING, "--hidden", "16", "--seeds", "1"],
        ...["--learning-rate", "0.01", "--epochs", "6", "--loss", "logit-mse"],
      );
      using study = openStudy(`${folder}/studies/default/study.db`);
      const [{ predictions, test }] = listFinishedTrials(study);
      const context = readContext(study);
      if (!context) throw new Error("the study must have a context");
      const labels = readTestLabels(context);
      const hits = predictions.filter((each, i) => each === labels[i]).length;
      assertEquals(hits / CLASSES, test.accuracy);
      assertEquals(students[0].accuracy.test, test.accuracy);
      assert(predictions.some((each) => each > 255));
      const report = await Deno.readTextFile(
        `${folder}/studies/default/report.html`,
      );
      assertStringIncludes(report, "Of the 30 classes with the most mistakes");
    },
  );
  await t.step("compact writes a file that names them", async () => {
    const { scores } = await run(
      ...["compact", ...TEACHER, "--layers", "conv3x8,conv3x8", "--copies"],
      ...["1", "--epochs", "1", "--quantised-epochs", "1", "--batch", "32"],
      ...["--out", "small.dram"],
    );
    const dram = await Deno.readFile(`${folder}/small.dram`);
    assertEquals(decodeDram(dram).labels, names);
    const scored = await run("evaluate", "small.dram", ...DATA);
    assertEquals(scored.accuracy, scores.test.accuracy);
  });
  await Deno.remove(folder, { recursive: true });
});
