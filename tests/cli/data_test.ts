import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodePng } from "../../core/data/formats/pictures/decode_png.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { idxBytes } from "../core/data/formats/idx_bytes.ts";
import { runInProcess } from "./capture.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";

/** A folder of 14 plain pictures in two classes; one of `test` is one of `train`, under another name. */
async function makePictures(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const put = async (path: string, grey: number) => {
    const at = `${folder}/mine/${path}`;
    await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
    const pixels = new Uint8Array(6).fill(grey);
    await Deno.writeFile(at, encodePng({ shape: [2, 3, 1], pixels }));
  };
  for (let i = 0; i < 12; i++) {
    await put(`train/${i % 3 ? "cat" : "dog"}/${i}.png`, 10 + i);
  }
  await put("test/cat/a.png", 100);
  await put("test/cat/b.png", 10); // train's dog
  return folder;
}

Deno.test("data --json tells parts, counts, duplicates and the sheet", async () => {
  const folder = await makePictures();
  const { code, stdout, stderr } = await runIn(folder, [
    ...["data", "mine", "--sheet", "sheet.png", "--json"],
  ]);
  assertEquals(code, 0, stderr);
  const told = JSON.parse(stdout);
  assertEquals(told.name, "mine");
  assertEquals(told.shape, [2, 3, 1]);
  assertEquals(told.classes, ["cat", "dog"]);
  assertEquals([told.train, told.validation, told.test], [11, 1, 2]);
  const all = told.counts.train.map((count: number, label: number) =>
    count + told.counts.validation[label]
  );
  assertEquals([all, told.counts.test], [[8, 4], [2, 0]]);
  assertEquals(told.duplicates, {
    count: 1,
    disagreeing: 1,
    first: [{ train: 8, test: 1, agree: false }],
  });
  assertEquals([told.sheet, told.suspicious], ["sheet.png", null]);
  assertEquals(Object.keys(told.sha256), ["train pictures", "test pictures"]);
  const sheet = decodePng(await Deno.readFile(`${folder}/sheet.png`));
  assertEquals(sheet.shape, [2 * 4 + 2, 12 * 5 + 2, 1]);
  const again = await runIn(folder, ["data", "mine", "--sheet", "sheet.png"]);
  assertEquals(again.code, 1);
  assertStringIncludes(
    again.stderr,
    "exists already; name another with --sheet",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data refuses --pixels without a teacher that reads them", async () => {
  const folder = await makePictures();
  const { code, stderr } = await runIn(folder, [
    ...["data", "mine", "--pixels", "255"],
  ]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot use --pixels without --teacher");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data prints a line a class", async () => {
  const folder = await makePictures();
  const { stdout } = await runIn(folder, ["data", "mine"]);
  assertStringIncludes(
    stdout,
    "images of 2×3×1 in 2 classes: 11 to learn from",
  );
  assertStringIncludes(
    stdout,
    "1 test images are among those to learn from, 1 of them",
  );
  await Deno.remove(folder, { recursive: true });
});

/** What `data --teacher` says of a folder: the images whose labels the model contradicts. */
interface Suspicious {
  count: number;
  first: {
    part: string;
    image: number;
    label: string;
    answer: string;
    probability: number;
  }[];
}

async function askTeacher(folder: string): Promise<Suspicious> {
  const { code, stdout, stderr } = await runInProcess([
    ...["data", folder, "--teacher", "models/compact/digits-98.dram"],
    "--json",
  ]);
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout).suspicious;
}

Deno.test("data --teacher finds every wrong label that is planted, and no other", async () => {
  const mnist = await loadMnist();
  const folder = await Deno.makeTempDir();
  const labels = {
    train: mnist.train.labels.slice(0, 300),
    t10k: mnist.test.labels.slice(0, 200),
  };
  const writeLabels = async () => {
    for (const [part, values] of Object.entries(labels)) {
      const path = `${folder}/${part}-labels-idx1-ubyte`;
      await Deno.writeFile(path, idxBytes([values.length], values));
    }
  };
  for (const part of ["train", "t10k"] as const) {
    const { images } = part === "train" ? mnist.train : mnist.test;
    const { length } = labels[part];
    await Deno.writeFile(
      `${folder}/${part}-images-idx3-ubyte`,
      idxBytes([length, 28, 28], images.subarray(0, 784 * length)),
    );
  }
  await writeLabels();
  // A model that is right about 98 of 100 contradicts few of them, all of which are told.
  const before = await askTeacher(folder);
  assert(before.count < 10 && before.first.length === before.count);
  const known = new Set(before.first.map(({ part, image }) => part + image));
  const planted = [];
  for (
    const [part, file, every] of [
      ["train", "train", 59],
      ["test", "t10k", 43],
    ] as const
  ) {
    for (let image = 7; image < labels[file].length; image += every) {
      if (known.has(part + image)) continue;
      const answer = labels[file][image];
      const label = (answer + 1 + image % 9) % 10;
      labels[file][image] = label;
      planted.push({ part, image, label: `${label}`, answer: `${answer}` });
    }
  }
  assertEquals(planted.length, 10);
  await writeLabels();
  const after = await askTeacher(folder);
  assertEquals(after.count, before.count + planted.length);
  const found = after.first.filter(({ part, image }) =>
    !known.has(part + image)
  );
  const order = (all: { part: string; image: number }[]) =>
    all.toSorted((a, b) => a.part.localeCompare(b.part) || a.image - b.image);
  assertEquals(
    order(found.map(({ probability: _, ...rest }) => rest)),
    order(planted),
  );
  // The surest first, so that who looks at the beginning of the list finds most.
  const sure = after.first.map(({ probability }) => probability);
  assertEquals(sure, sure.toSorted((a, b) => b - a));
  const half = after.first.slice(0, planted.length / 2);
  assert(half.every(({ part, image }) => !known.has(part + image)));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("data --teacher asks a model folder as it asks a file", async () => {
  const folder = await freshExperiment();
  const { code, stdout, stderr } = await runIn(folder, [
    ...["data", "digits", "--teacher", "teacher", "--backend", "wasm"],
    "--json",
  ]);
  assertEquals(code, 0, stderr);
  const { suspicious, test, train, validation } = JSON.parse(stdout);
  const told: Suspicious = suspicious;
  assert(told.count < test + train + validation);
  for (const { label, answer, probability } of told.first) {
    assert(label !== answer && probability > 0.1 && probability <= 1);
  }
  await Deno.remove(folder, { recursive: true });
});
