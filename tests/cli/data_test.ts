import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodePng } from "../../core/data/formats/pictures/decode_png.ts";
import { encodePng } from "../../core/data/formats/pictures/encode_png.ts";
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

Deno.test("data --teacher finds the labels that were changed", async () => {
  const folder = await freshExperiment();
  const labels = `${folder}/digits/t10k-labels-idx1-ubyte`;
  const bytes = await Deno.readFile(labels);
  const before = await runIn(folder, [
    ...[
      "data",
      "digits",
      "--teacher",
      "teacher",
      "--backend",
      "wasm",
      "--json",
    ],
  ]);
  assertEquals(before.code, 0, before.stderr);
  // The first three test images get the next digit's label.
  for (let i = 0; i < 3; i++) bytes[8 + i] = (bytes[8 + i] + 1) % 10;
  await Deno.remove(labels);
  await Deno.writeFile(labels, bytes);
  const { stdout } = await runIn(folder, [
    ...[
      "data",
      "digits",
      "--teacher",
      "teacher",
      "--backend",
      "wasm",
      "--json",
    ],
  ]);
  const [whole, changed] = [before.stdout, stdout]
    .map((text) => JSON.parse(text).suspicious);
  const right = 3 - changed.first.filter((
    { part, image }: { part: string; image: number },
  ) => part === "test" && image < 3).length;
  assertEquals(changed.count >= whole.count + 3 - 2 * right, true);
  assertEquals(right < 3, true, stdout);
  const [{ probability, label, answer }] = changed.first;
  assertEquals(probability > 0.1 && probability <= 1 && label !== answer, true);
  await Deno.remove(folder, { recursive: true });
});
