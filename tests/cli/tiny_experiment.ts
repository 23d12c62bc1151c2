import { idxBytes } from "../core/data/formats/idx_bytes.ts";
import { DatabaseSync } from "node:sqlite";
import { selectExamples } from "../../core/data/dataset.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { type Outcome, runInProcess } from "./capture.ts";

/** Variable that tells the other test files of this process what the first has made. */
const MADE = "RETORT_TEST_EXPERIMENT";
const SIDE = 14;

/** One backend everywhere: results are compared to the last bit. */
const BACKEND = ["--backend", "wasm"];

/** The command line that makes a teacher of the tiny digits, a second an epoch. */
export function trainTiny(...more: string[]): string[] {
  return [
    ...["train", "--data", "digits", "--batch", "16", "--shift", "0"],
    ...["--schedule", "constant", ...BACKEND, ...more],
  ];
}

/** What a command needs to learn the tiny digits from their teacher. */
export const TINY = [
  ...["--data", "digits", "--teacher", "teacher", "--epochs", "3"],
  ...["--batch", "32", "--optimiser", "adam", "--learning-rate", "0.005"],
  ...["--schedule", "constant", ...BACKEND],
];

/** The study that tests share: 2 widths, 2 losses, 2 seeds in 2 cohorts. */
export const SWEEP = [
  ...["sweep", ...TINY, "--hidden", "2,24", "--seeds", "1,2"],
  ...["--loss", "logit-mse,labels"],
];

/** Runs a command line in this process, with `folder` as the working directory. */
export async function runIn(
  folder: string,
  args: readonly string[],
): Promise<Outcome> {
  const before = Deno.cwd();
  Deno.chdir(folder);
  try {
    return await runInProcess(args);
  } finally {
    Deno.chdir(before);
  }
}

/** Writes some MNIST digits, each pixel the mean of four, as a dataset in IDX form. */
export async function writeDigits(folder: string): Promise<void> {
  const mnist = await loadMnist();
  await Deno.mkdir(folder);
  for (
    const [part, examples, count] of [
      ["train", mnist.train, 900],
      ["t10k", mnist.test, 300],
    ] as const
  ) {
    const indices = Array.from({ length: count }, (_, index) => index);
    const { images, labels } = selectExamples(examples, indices);
    const small = new Uint8Array(count * SIDE * SIDE);
    for (let i = 0; i < small.length; i++) {
      const corner = Math.floor(i / SIDE) * 4 * SIDE + (i % SIDE) * 2;
      const [a, b] = [corner, corner + 2 * SIDE];
      small[i] = (images[a] + images[a + 1] + images[b] + images[b + 1]) / 4;
    }
    const pixels = idxBytes([count, SIDE, SIDE], small);
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, pixels);
    const classes = idxBytes([count], labels);
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, classes);
  }
}

/** Throws unless the command has done its work. */
function checkDone({ code, stderr }: Outcome): void {
  if (code !== 0) throw new Error(`The tiny experiment failed: ${stderr}`);
}

async function makeExperiment(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "retort-tiny-" });
  await writeDigits(`${folder}/digits`);
  checkDone(
    await runIn(folder, trainTiny("--epochs", "3", "--out", "teacher")),
  );
  const swept = await runIn(folder, [...SWEEP, "--json"]);
  checkDone(swept);
  await Deno.writeTextFile(`${folder}/sweep.json`, JSON.stringify(swept));
  return folder;
}

/**
 * A folder with tiny real digits (`digits`), a teacher of them (`teacher`) and
 * the finished study `default`, made by the commands themselves, once for all
 * test files of a process.
 */
export async function tinyExperiment(): Promise<string> {
  const made = Deno.env.get(MADE);
  if (made !== undefined) return made;
  const folder = await makeExperiment();
  Deno.env.set(MADE, folder);
  return folder;
}

/** A folder of its own with the digits, the teacher and its features, but no study. */
export async function freshExperiment(): Promise<string> {
  const source = await tinyExperiment();
  const folder = await Deno.makeTempDir({ prefix: "retort-tiny-" });
  for (const name of ["digits", "teacher", ".retort"]) {
    await Deno.symlink(`${source}/${name}`, `${folder}/${name}`);
  }
  return folder;
}

/** What the sweep that made the study `default` printed. */
export async function sweepOutcome(): Promise<Outcome> {
  const folder = await tinyExperiment();
  return JSON.parse(await Deno.readTextFile(`${folder}/sweep.json`));
}

/** Every trial of a study, as its file keeps it. */
export function readTrials(path: string) {
  using database = new DatabaseSync(path);
  return database.prepare(
    `SELECT hidden, loss, seed, state, error, finished, test_accuracy,
      hex(weights) AS weights FROM trial ORDER BY hidden, loss, seed`,
  ).all();
}
