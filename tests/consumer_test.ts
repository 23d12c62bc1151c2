import { assert, assertEquals } from "@std/assert";
import { useWasm } from "../core/device/wasm.ts";
import { makeManifest } from "../core/models/manifest.ts";
import { saveModel } from "../core/models/save_model.ts";
import { trainTeacher } from "../core/train/train_teacher.ts";
import { tinyDigits } from "./core/train/tiny_digits.ts";
import { runConsumer } from "./run_consumer.ts";
import { serveRepository } from "./serve_repository.ts";

const ROOT = new URL("../", import.meta.url);

/** What the consumer's program prints. */
interface Learnt {
  teacher: number;
  student: number;
  chosen: number[];
  features: number;
  report: string;
}

/**
 * A program of another project: every second pixel of some MNIST digits, a
 * student of the teacher that `TEACHER` loads, a sweep and its report.
 */
const PROGRAM = `
import {
  distilStudent, extractFeatures, type Examples, loadMnist, loadModel,
  loadShippedTeacher, selectBackend, splitDataset, sweep, writeReport,
} from "MODULE";

const backend = await selectBackend("wasm");
const mnist = await loadMnist();
function shrink(
  { images, labels }: Examples<Uint8Array>,
  count: number,
): Examples<Uint8Array> {
  const small = new Uint8Array(count * 196);
  for (let i = 0; i < small.length; i++) {
    const row = Math.floor(i / 14);
    small[i] = images[row * 2 * 28 + (i % 14) * 2];
  }
  return { count, shape: [14, 14, 1], images: small, labels: labels.slice(0, count) };
}
const dataset = splitDataset({
  ...mnist,
  shape: [14, 14, 1],
  train: shrink(mnist.train, 500),
  test: shrink(mnist.test, 100),
}, { seed: 1, validation: 100 });
const teacher = await TEACHER;
const store = await extractFeatures(teacher, dataset, {
  cache: "cache", backend: "wasm", workers: 2,
});
const training = {
  epochs: 8, batchSize: 20, patience: 8,
  optimiser: { kind: "adam" }, schedule: { kind: "constant", rate: 2e-3 },
} as const;
const student = { hidden: 8, dropout: 0.2, loss: { kind: "logit-mse" }, seed: 1 } as const;
const { scores } = await distilStudent({ teacher, dataset, store, student, training });
const details = await sweep({
  name: "consumer", path: "study.db", teacher, dataset, store, training, backend,
  students: [{ ...student, hidden: 2 }, student], workers: 1,
});
const [report] = await writeReport("report", details);
console.log(JSON.stringify({
  teacher: details.result.teacher.accuracy.test,
  student: scores.test.accuracy,
  chosen: details.result.students.map(({ hidden }) => hidden),
  features: store.width,
  report,
}));
`;

/** The folder of a teacher of small digits, trained here. */
async function makeTeacher(): Promise<string> {
  await useWasm();
  const dataset = {
    ...{
      name: "tiny",
      classes: 10,
      classNames: [..."0123456789"],
      augmentation: "digits" as const,
      shape: [14, 14, 1] as const,
    },
    ...{ sha256: {}, split: { seed: 1, validation: 100 } },
    train: tinyDigits(0, 600),
    validation: tinyDigits(600, 100),
    test: tinyDigits(700, 100),
  };
  const configuration = {
    ...{ seed: 1, epochs: 4, batchSize: 20, patience: 4, shift: 0 },
    optimiser: { kind: "adam" },
    schedule: { kind: "constant", rate: 1e-3 },
  } as const;
  const { spec, weights, scores } = await trainTeacher(dataset, configuration);
  const backend = { name: "wasm", adapter: null, reason: "" } as const;
  const folder = await Deno.makeTempDir();
  await saveModel(
    folder,
    weights,
    makeManifest({ spec, configuration, backend, dataset, scores }),
  );
  return folder;
}

/** Runs the program with Retort from `module` and what gives its teacher. */
async function runProgram(
  module: string,
  { teacher, flags = [] }: { teacher: string; flags?: string[] },
): Promise<{ folder: string; learnt: Learnt }> {
  const program = PROGRAM.replace("MODULE", module).replace("TEACHER", teacher);
  const { folder, printed } = await runConsumer(program, "run", "-A", ...flags);
  return { folder, learnt: JSON.parse(printed) };
}

async function assertLearnt(folder: string, learnt: Learnt): Promise<void> {
  const { teacher, student, chosen, features, report } = learnt;
  assertEquals(features, 5 * 5 * 64);
  assert(teacher > 0.8, `the teacher reaches ${teacher}`);
  assert(student > 0.6, `the student reaches ${student}`);
  assertEquals(chosen, [2, 8]);
  const page = await Deno.readTextFile(`${folder}/${report}`);
  assert(page.startsWith("<!DOCTYPE html>"));
}

const teacher = await makeTeacher();

Deno.test("another project trains students with Retort imported by path", async () => {
  const { folder, learnt } = await runProgram(
    new URL("mod.ts", ROOT).href,
    { teacher: `loadModel(${JSON.stringify(teacher)})` },
  );
  await assertLearnt(folder, learnt);
});

Deno.test("another project trains students with Retort imported by URL, teacher included", async () => {
  await using server = serveRepository(ROOT, { "models/teacher": teacher });
  const { folder, learnt } = await runProgram(
    `${server.url}mod.ts`,
    {
      teacher: "loadShippedTeacher()",
      // Deno keeps what it has once loaded: of an older server at this port, too.
      flags: [`--reload=${server.url}`],
    },
  );
  await assertLearnt(folder, learnt);
  assert(server.served.has("core/distill/extract_worker.ts"));
  assert(server.served.has("core/sweep/cohort_worker.ts"));
  assert(server.served.has("models/teacher/model.json"));
});

Deno.test("another project's program passes the type check", async () => {
  const program = PROGRAM.replace("MODULE", new URL("mod.ts", ROOT).href)
    .replace("TEACHER", "loadShippedTeacher()");
  await runConsumer(program, "check");
});
