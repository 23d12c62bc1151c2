import { idxBytes } from "../core/data/formats/idx_bytes.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Outcome } from "./capture.ts";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";

/** Asserts one clear line on stderr, nothing on stdout, and the exit code. */
function assertRefused(outcome: Outcome, code: number, message: string): void {
  const lines = outcome.stderr.replace("wasm: asked for\n", "");
  assertEquals([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
  assertMatch(lines, /^retort: Cannot [^\n]+\n$/);
  assertStringIncludes(lines, message);
}

/** A copy of `folder` whose files can be spoiled. */
async function copyFolder(folder: string): Promise<string> {
  const copy = await Deno.makeTempDir();
  for (const { name } of Deno.readDirSync(folder)) {
    await Deno.copyFile(`${folder}/${name}`, `${copy}/${name}`);
  }
  return copy;
}

const IMAGES = "train-images-idx3-ubyte";
type Spoil = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const IDX: [what: string, spoil: Spoil, message: string][] = [
  ["a truncated IDX file", (b) => b.slice(0, -1), "it ends after 176399"],
  ["trailing bytes", (b) => new Uint8Array([...b, 0]), "bytes follow"],
  ["a wrong magic", (b) => b.with(2, 9), "Cannot read"],
  ["a header cut off", (b) => b.slice(0, 7), "it ends after 7 bytes"],
  [
    "an oversized IDX file",
    () => idxBytes([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array(9)),
    "Cannot read",
  ],
];
for (const [what, spoil, message] of IDX) {
  Deno.test(`--data refuses ${what}`, async () => {
    const folder = await tinyExperiment();
    const data = await copyFolder(`${folder}/digits`);
    const bytes = await Deno.readFile(`${data}/${IMAGES}`);
    await Deno.writeFile(`${data}/${IMAGES}`, spoil(bytes));
    const outcome = await runIn(folder, [
      "evaluate",
      "teacher",
      "--data",
      data,
    ]);
    assertRefused(outcome, 1, message);
    assertStringIncludes(outcome.stderr, IMAGES);
    await Deno.remove(data, { recursive: true });
  });
}

const MODELS: [what: string, spoil: (folder: string) => void, string][] = [
  ["no model.json", (f) => Deno.removeSync(`${f}/model.json`), "there is none"],
  [
    "missing weights",
    (f) => Deno.removeSync(`${f}/weights.bin`),
    "weights.bin is missing",
  ],
  [
    "short weights",
    (f) => Deno.truncateSync(`${f}/weights.bin`, 900_132),
    "its weights must fill 900136 bytes: they are 900132",
  ],
  [
    "weights outside of it",
    (f) => {
      const path = `${f}/model.json`;
      const json = Deno.readTextFileSync(path);
      Deno.writeTextFileSync(
        path,
        json.replace("weights.bin", "../weights.bin"),
      );
    },
    'weights must lie beside it under a plain file name: found "../weights.bin"',
  ],
  [
    "no JSON",
    (f) => Deno.writeTextFileSync(`${f}/model.json`, "{"),
    "it must be JSON",
  ],
];
for (const [what, spoil, message] of MODELS) {
  Deno.test(`evaluate refuses a model folder with ${what}`, async () => {
    const folder = await tinyExperiment();
    const model = await copyFolder(`${folder}/teacher`);
    spoil(model);
    assertRefused(
      await runIn(folder, ["evaluate", model, "--data", "digits"]),
      1,
      message,
    );
    await Deno.remove(model, { recursive: true });
  });
}

/** Changes a study by SQL, leaving one file. */
function alter(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}

const STUDIES: [what: string, spoil: (path: string) => void, string][] = [
  [
    "a text",
    (path) => Deno.writeTextFileSync(path, "no study at all, but long enough"),
    "it is no SQLite file",
  ],
  [
    "another program's database",
    (path) => alter(path, "PRAGMA application_id = 7"),
    "it is another program's SQLite file",
  ],
  [
    "a study from a newer version",
    (path) => alter(path, "PRAGMA user_version = 2"),
    "its format must be version 1: it is 2; open it with the Retort that made it",
  ],
  ["half a study", (path) => Deno.truncateSync(path, 6000), "Cannot open"],
  [
    "an empty file",
    (path) => Deno.truncateSync(path, 0),
    "it is no SQLite file",
  ],
];
for (const [what, spoil, message] of STUDIES) {
  Deno.test(`report refuses ${what} as a study, and leaves it as it is`, async () => {
    const folder = await freshExperiment();
    const path = `${folder}/studies/bad/study.db`;
    await Deno.mkdir(`${folder}/studies/bad`, { recursive: true });
    const whole = `${await tinyExperiment()}/studies/default/study.db`;
    await Deno.copyFile(whole, path);
    spoil(path);
    const before = await Deno.readFile(path);
    const outcome = await runIn(folder, ["report", "--study", "bad"]);
    assertRefused(outcome, 1, message);
    assertStringIncludes(outcome.stderr, "studies/bad/study.db");
    assertEquals(await Deno.readFile(path), before);
    await Deno.remove(folder, { recursive: true });
  });
}

const USAGE: [line: string, message: string][] = [
  [
    "distill --hidden 0",
    "Cannot use --hidden 0: it must be an integer from 1 to 65536",
  ],
  [
    "sweep --hidden 1e9",
    "Cannot use --hidden 1e9: each value must be an integer from 1 to 65536",
  ],
  [
    "sweep --hidden 4,0",
    "Cannot use --hidden 4,0: each value must be an integer",
  ],
  [
    "distill --dropout 1",
    "Cannot use --dropout 1: it must be a number at least 0 and below 1",
  ],
  [
    "train --epoch 3",
    "Cannot use --epoch: there is no such option; the nearest is --epochs",
  ],
  ["frontier --acuracy 0.9", "the nearest is --accuracy"],
  [
    "frontier --accuracy 1",
    "Cannot use --accuracy 1: each value must be a number above 0 and below 1",
  ],
  ["evaluate", "Cannot run without file"],
  ["reprot", "there is no such command; the nearest is report"],
];
for (const [line, message] of USAGE) {
  Deno.test(`${line} is wrong usage, and exits with 2`, async () => {
    const outcome = await runIn(await tinyExperiment(), line.split(" "));
    assertRefused(outcome, 2, message);
  });
}
