/**
 * Models and data that can be read but tell of a mistake: said in a warning, or
 * refused before hours are spent.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { gzip, idxBytes } from "../core/data/formats/idx_bytes.ts";
import type { Outcome } from "./capture.ts";
import { freshExperiment, runIn, tinyExperiment } from "./tiny_experiment.ts";
import { SEARCH } from "./tiny_search.ts";

const ON = ["--data", "digits", "--backend", "wasm"];

/** Asserts one clear line on stderr, and the exit code. */
function assertRefused({ code, stderr }: Outcome, message: string): void {
  assertEquals(code, 1, stderr);
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  assertMatch(last, /^retort: Cannot /);
  assertStringIncludes(last, message);
}

/** A fresh experiment with a copy of the teacher, to be spoiled, as `odd`. */
async function makeOdd(
  spoil: (weights: Float32Array<ArrayBuffer>) => void,
): Promise<string> {
  const folder = await freshExperiment();
  await Deno.mkdir(`${folder}/odd`);
  for (const name of ["model.json", "manifest.json"]) {
    await Deno.copyFile(`${folder}/teacher/${name}`, `${folder}/odd/${name}`);
  }
  const bytes = await Deno.readFile(`${folder}/teacher/weights.bin`);
  spoil(new Float32Array(bytes.buffer));
  await Deno.writeFile(`${folder}/odd/weights.bin`, bytes);
  return folder;
}

/** The first kernel as of a teacher that wants pixels of 0 to 255. */
const wantsBytes = (weights: Float32Array) => {
  for (let i = 0; i < 3 * 3 * 32; i++) weights[i] /= 255;
};

Deno.test("a teacher near chance stops every command that learns from it, with the likely causes", async () => {
  const folder = await makeOdd(wantsBytes);
  const study = [...ON, "--teacher", "odd"];
  for (
    const args of [
      ["sweep", ...study, "--hidden", "2", "--seeds", "1"],
      ["distill", ...study, "--hidden", "2"],
      [
        ...["compact", ...study, "--copies", "1", "--out", "small.dram"],
        ...["--layers", "conv3x4,max2"],
      ],
      ["compress", "odd", ...study, "--copies", "1", "--out", "small.dram"],
      SEARCH.map((word) => word === "teacher" ? "odd" : word),
    ]
  ) {
    const outcome = await runIn(folder, args);
    assertRefused(outcome, "it must be better than chance on the validation");
    assertStringIncludes(outcome.stderr, "channels in another order");
    assertStringIncludes(outcome.stderr, "labels that count otherwise");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("evaluate warns of a model near chance, and of none that has learnt", async () => {
  const folder = await makeOdd(wantsBytes);
  const odd = await runIn(folder, ["evaluate", "odd", ...ON]);
  assertEquals(odd.code, 0, odd.stderr);
  assertStringIncludes(odd.stderr, "Warning: odd is no better than chance");
  const good = await runIn(folder, ["evaluate", "teacher", ...ON]);
  assertEquals(good.stderr.includes("Warning"), false, good.stderr);
  await Deno.remove(folder, { recursive: true });
});

for (
  const [what, spoil, message] of [
    ["NaN", (weights) => weights[7] = NaN, "number 7 of conv1/kernel is NaN"],
    [
      "activations that overflow",
      (weights) => weights.fill(1e38),
      "its loss and logits must be finite",
    ],
  ] as [string, (weights: Float32Array) => void, string][]
) {
  Deno.test(`evaluate refuses a model of ${what}, with exit code 1`, async () => {
    const folder = await makeOdd(spoil);
    const outcome = await runIn(folder, ["evaluate", "odd", ...ON]);
    assertRefused(outcome, message);
    assertEquals(outcome.stdout, "");
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a teacher whose split is not recorded: note, manifest, JSON and report say that validation may have been seen", async () => {
  const folder = await makeOdd(() => {});
  await Deno.remove(`${folder}/odd/manifest.json`);
  const learn = [
    ...[...ON, "--hidden", "24", "--epochs", "2", "--batch", "32"],
    ...["--optimiser", "adam", "--schedule", "constant"],
  ];
  const words = "is not recorded: it may have learnt the validation images";
  for (
    const [teacher, split] of [["teacher", "recorded"], ["odd", "unknown"]]
  ) {
    const sweep = ["sweep", ...learn, "--teacher", teacher, "--seeds", "1"];
    const study = ["--study", `of-${teacher}`];
    const text = await runIn(folder, [...sweep, ...study]);
    assertEquals(text.code, 0, text.stderr);
    const { stdout } = await runIn(folder, [...sweep, ...study, "--json"]);
    assertEquals(JSON.parse(stdout).teacher.split, split);
    const out = `student-${teacher}`;
    const args = ["distill", ...learn, "--teacher", teacher, "--out", out];
    const { code, stderr } = await runIn(folder, args);
    assertEquals(code, 0, stderr);
    const [manifest, page] = await Promise.all(
      [`${out}/manifest.json`, `studies/of-${teacher}/report.html`]
        .map((name) => Deno.readTextFile(`${folder}/${name}`)),
    );
    assertEquals(JSON.parse(manifest).teacherSplit, split);
    for (const told of [text.stderr, text.stdout, stderr, page]) {
      assertEquals(told.includes(words), split === "unknown", told);
    }
  }
  const { stderr } = await runIn(folder, [
    ...["evaluate", "odd", ...ON, "--split", "validation"],
  ]);
  assertStringIncludes(stderr, words);
  await Deno.remove(folder, { recursive: true });
});

/** A folder `mine` in which the tiny digits' files, or some of them, are `changed`. */
async function makeData(
  changed: Record<string, Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const folder = await freshExperiment();
  await Deno.mkdir(`${folder}/mine`);
  for (const { name } of Deno.readDirSync(`${folder}/digits`)) {
    if (name in changed || `${name}.gz` in changed) continue;
    await Deno.copyFile(`${folder}/digits/${name}`, `${folder}/mine/${name}`);
  }
  for (const [name, bytes] of Object.entries(changed)) {
    await Deno.writeFile(`${folder}/mine/${name}`, bytes);
  }
  return folder;
}

const IMAGES = "train-images-idx3-ubyte";
const LABELS = "train-labels-idx1-ubyte";

Deno.test("pixels of 0 and 1 get a warning, and the digits none", async () => {
  const bytes = await Deno.readFile(
    `${await tinyExperiment()}/digits/${IMAGES}`,
  );
  const binary = bytes.map((byte, at) => at < 16 ? byte : byte >> 7);
  const folder = await makeData({ [`${IMAGES}.gz`]: await gzip(binary) });
  const { stderr } = await runIn(folder, [
    ...["evaluate", "teacher", "--data", "mine", "--backend", "wasm"],
  ]);
  assertStringIncludes(stderr, "Warning: pixels of mine are 0 and 1 only");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("labels from 1 are shown as they are, with a warning that class 0 has no image", async () => {
  const labels = await Deno.readFile(
    `${await tinyExperiment()}/digits/${LABELS}`,
  );
  const folder = await makeData({
    [LABELS]: labels.map((label, at) => at < 8 ? label : Math.max(1, label)),
  });
  const { stderr } = await runIn(folder, [
    ...["evaluate", "teacher", "--data", "mine", "--backend", "wasm"],
  ]);
  assertStringIncludes(
    stderr,
    "Warning: labels of mine go to 9: of its 10 classes 0 have no image",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("one image to learn from is refused in clear words", async () => {
  const folder = await makeData({
    [IMAGES]: idxBytes([1, 14, 14], new Uint8Array(196)),
    [LABELS]: idxBytes([1], [9]),
  });
  assertRefused(
    await runIn(folder, ["train", "--data", "mine", "--backend", "wasm"]),
    "it must hold an image to learn from and one to choose by: it holds 1 in all; add images",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what isn't there, is no file, or is another program's is called so", async () => {
  const folder = await freshExperiment();
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${folder}/${name}`, text);
  await write("my-model.json", '{"format":"layers-model"}');
  await write("it.keras", "PK\x03\x04");
  await Deno.writeFile(
    `${folder}/it.h5`,
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10),
  );
  await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
  await Deno.symlink("loop", `${folder}/loop`);
  for (
    const [path, message] of [
      ["mistyped.dram", "there is no such file or folder; check the path"],
      [
        "my-model.json",
        "its topology must be a Sequential or a Functional model",
      ],
      ["it.keras", "as a .keras file is; convert it"],
      ["it.h5", "a Keras .h5 file; convert it"],
      ["pipe", "it must be a file or folder: it is a pipe"],
    ]
  ) {
    assertRefused(await runIn(folder, ["evaluate", path, ...ON]), message);
  }
  assertRefused(
    await runIn(folder, ["dram", "pipe"]),
    "it must be a file: it is a pipe",
  );
  for (
    const [path, message] of [
      ["nowhere", "there is no such file or folder; check the path"],
      ["it.h5", "it must be a folder of IDX files"],
    ]
  ) {
    assertRefused(
      await runIn(folder, ["evaluate", "teacher", "--data", path]),
      message,
    );
  }
  const whole = await runIn(folder, ["evaluate", "teacher/model.json", ...ON]);
  assertEquals(whole.code, 0, whole.stderr);
  await Deno.remove(folder, { recursive: true });
});
