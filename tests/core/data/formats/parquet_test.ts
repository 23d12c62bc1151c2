import { assert, assertEquals, assertRejects } from "@std/assert";
import { hasReader } from "./has_reader.ts";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";
import { decodePng } from "../../../../core/data/formats/pictures/decode_png.ts";
import pictures from "../../../golden/pictures.json" with { type: "json" };
// Written by hyparquet-writer 0.17.0 in the form of Hugging Face's `datasets`: rows of
// four greys of pictures.json, two rows a group, labels i mod 2 as 64-bit numbers.
import golden from "../../../golden/parquet.json" with { type: "json" };

const [TRAIN, TEST, PLAIN] = Object.values(golden)
  .map((text) => Uint8Array.fromBase64(text));

/** Pixels of the pictures, in the order of rows. */
const PIXELS = [1, 8, 16, 2].map((bits) =>
  decodePng(
    Uint8Array.fromBase64(
      Object.entries(pictures.png)
        .find(([name]) => name === `grey of ${bits} bits`)?.[1].file ?? "",
    ),
  ).pixels
);

const ignore = !await hasReader("parquet");

/** Loads a folder of these files, and removes it. */
async function loadFiles(files: Record<string, Uint8Array<ArrayBuffer>>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    const [only, other] = Object.keys(files);
    return await loadDataset(other ? folder : `${folder}/${only}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name:
    "Hugging Face's .parquet files are read: pictures, labels, names of classes",
  ignore,
}, async () => {
  const { shape, classNames, train, test, sha256 } = await loadFiles({
    "train-00000-of-00001.parquet": TRAIN,
    "test-00000-of-00001.parquet": TEST,
  });
  assertEquals(shape, [9, 11, 1]);
  assertEquals(classNames, ["shoe", "hat"]);
  assertEquals([...train.labels, ...test.labels], [0, 1, 0, 1]);
  assertEquals(
    [...train.images, ...test.images],
    PIXELS.flatMap((pixels) => [...pixels]),
  );
  assertEquals(Object.keys(sha256).length, 2);
});

Deno.test({
  name: "a .parquet file alone, unpacked and without names, is divided",
  ignore,
}, async () => {
  const { classNames, train, test } = await loadFiles({ "a.parquet": PLAIN });
  assertEquals(classNames, ["0", "1"]);
  assertEquals([train.count, test.count], [3, 1]);
});

for (
  const [what, bytes, message] of [
    ["nothing", new Uint8Array(0), "it must be a whole parquet file"],
    [
      "another file",
      new TextEncoder().encode("PK, not a table"),
      "it must be a whole parquet file",
    ],
    ["a cut off file", TRAIN.slice(0, -9), "it must be a whole parquet file"],
  ] as const
) {
  Deno.test(
    { name: `a .parquet file is refused: ${what}`, ignore },
    async () => {
      await assertRejects(
        () => loadFiles({ "a.parquet": bytes }),
        SyntaxError,
        message,
      );
    },
  );
}

Deno.test({
  name:
    "damaged .parquet files end in a word about them, and take no more memory than they have",
  ignore,
}, async () => {
  const before = Deno.memoryUsage().rss;
  for (let at = 0; at < TRAIN.length; at += 24) {
    const bytes = TRAIN.slice();
    bytes[at] ^= 1 << at % 8;
    try {
      await loadFiles({ "a.parquet": bytes });
    } catch (error) {
      const told = error instanceof SyntaxError || error instanceof RangeError;
      assert(told && error.message.startsWith("Cannot "), `${at}: ${error}`);
    }
  }
  assert(Deno.memoryUsage().rss - before < 1e9);
});
