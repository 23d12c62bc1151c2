import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";
import golden from "../../../golden/arrays.json" with { type: "json" };

const FILES: Record<string, string> = golden;

/** Loads an .npz file of these bytes, and removes it. */
async function loadBytes(bytes: Uint8Array<ArrayBuffer>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.npz`, bytes);
    return await loadDataset(`${folder}/a.npz`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const load = (name: string) => loadBytes(Uint8Array.fromBase64(FILES[name]));
const TENS = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);

for (
  const name of [
    "bytes",
    "stored",
    "shares of 1",
    "half floats",
    "one column a class",
  ]
) {
  Deno.test(`an .npz file of numpy's is read: ${name}`, async () => {
    const { shape, classes, train, test } = await load(name);
    assertEquals([shape, classes], [[2, 3, 1], 3]);
    assertEquals(train.images, TENS);
    assertEquals([...train.labels], [0, 2, 1, 0]);
    assertEquals(test.images, TENS.slice(0, 12));
    assertEquals([...test.labels], [0, 2]);
  });
}

Deno.test("an .npz file of x and y alone is divided", async () => {
  const { train, test } = await load("one part");
  assertEquals([train.count, test.count], [3, 1]);
});

Deno.test("images of an .npz file with channels first, or flat, get their extents", async () => {
  const planes = await load("channels first");
  assertEquals(planes.shape, [4, 5, 3]);
  assertEquals([...planes.train.images.subarray(0, 6)], [0, 20, 40, 1, 21, 41]);
  const flat = await load("flat");
  assertEquals(flat.shape, [2, 2, 3]);
  assertEquals([...flat.train.images], [...Array(24).keys()]);
});

for (
  const [name, message] of [
    ["column by column", "numpy.ascontiguousarray"],
    ["big-endian", 'little-endian: found ">u2"'],
    ["objects", 'found "|O"'],
    ["other names", "it holds pictures.npy, kinds.npy"],
    ["fewer labels", "one label for each of 4 images: it holds 3"],
    ["negative labels", "whole numbers from 0: one is -"],
    ["pixels over 255", "one is 260"],
  ]
) {
  Deno.test(`an .npz file is refused: ${name}`, async () => {
    await assertRejects(() => load(name), SyntaxError, message);
  });
}

Deno.test("damaged .npz files end in a SyntaxError, and say no more than was written", async () => {
  const whole = Uint8Array.fromBase64(FILES.bytes);
  const expected = await loadBytes(whole);
  for (let cut = 0; cut < whole.length; cut += 37) {
    await assertRejects(() => loadBytes(whole.slice(0, cut)), SyntaxError);
  }
  for (let at = 0; at < whole.length; at += 7) {
    try {
      const read = await loadBytes(whole.with(at, whole[at] ^ 0x55));
      assertEquals(read.train, expected.train);
    } catch (error) {
      assert(error instanceof SyntaxError, `${at}: ${error}`);
    }
  }
});

Deno.test("an .npz member that unpacks to more than it says is refused unread", async () => {
  const bytes = Uint8Array.fromBase64(FILES.bytes);
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, 64, true);
  await assertRejects(
    () => loadBytes(bytes),
    SyntaxError,
    "must unpack to 64 bytes",
  );
});
