import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";
import { encodePng } from "../../../../core/data/formats/pictures/encode_png.ts";
import type { LoadDataOptions } from "../../../../core/data/formats/load_dataset.ts";

/** A PNG of `height` × `width` pixels of one grey, or of one colour. */
function plain(
  [height, width]: readonly [number, number],
  ...colour: number[]
): Uint8Array<ArrayBuffer> {
  const channels = colour.length === 3 ? 3 : 1;
  const pixels = Uint8Array.from(
    { length: height * width * channels },
    (_, i) => colour[i % channels],
  );
  return encodePng({ shape: [height, width, channels], pixels });
}

/** Loads a folder of these files, and removes it. */
async function loadFolderOf(
  files: Record<string, Uint8Array<ArrayBuffer>>,
  options: Omit<LoadDataOptions, "room"> = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [path, bytes] of Object.entries(files)) {
      const at = `${folder}/${path}`;
      await Deno.mkdir(at.slice(0, at.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(at, bytes);
    }
    return await loadDataset(folder, { name: "mine", ...options });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SIZE = [2, 3] as const;
const GOOD = {
  "train/dog/b.png": plain(SIZE, 20),
  "train/dog/a.PNG": plain(SIZE, 10),
  "train/cat/1.png": plain(SIZE, 30),
  "train/cat/.hidden.png": plain(SIZE, 99),
  "train/cat/notes.txt": plain(SIZE, 99),
  "test/emu/1.png": plain(SIZE, 50),
  "test/cat/10.png": plain(SIZE, 60),
  "test/cat/9.png": plain(SIZE, 40),
};

Deno.test("pictures in folders: classes by name, pictures in order", async () => {
  const { shape, classNames, train, test } = await loadFolderOf(GOOD);
  assertEquals(shape, [2, 3, 1]);
  assertEquals(classNames, ["cat", "dog", "emu"]);
  const firsts = ({ images }: { images: Uint8Array }) =>
    [...images].filter((_, i) => i % 6 === 0);
  assertEquals([firsts(train), [...train.labels]], [[30, 10, 20], [0, 1, 1]]);
  // By UTF-16: "10.png" stands before "9.png".
  assertEquals([firsts(test), [...test.labels]], [[60, 40, 50], [0, 0, 2]]);
});

Deno.test("pictures whose classes are numbers stand by value; --classes orders them otherwise", async () => {
  const files = {
    "10/a.png": plain(SIZE, 1),
    "9/a.png": plain(SIZE, 2),
    "9/b.png": plain(SIZE, 3),
  };
  const { classNames } = await loadFolderOf(files);
  assertEquals(classNames, ["9", "10"]);
  const ordered = await loadFolderOf(files, { classNames: ["10", "9"] });
  assertEquals(ordered.classNames, ["10", "9"]);
  const all = [ordered.train, ordered.test].flatMap(({ images, labels }) =>
    [...labels].map((label, i) => [images[6 * i], label])
  ).sort();
  assertEquals(all, [[1, 0], [2, 1], [3, 1]]);
});

Deno.test("one folder of classes is divided always alike, and by what pictures hold", async () => {
  const files = Object.fromEntries(
    Array.from(
      { length: 24 },
      (_, i) => [`${i % 2}/${i}.png`, plain(SIZE, 10 * i)] as const,
    ),
  );
  const { train, test, sha256 } = await loadFolderOf(files);
  assertEquals([train.count, test.count], [20, 4]);
  const again = await loadFolderOf(files);
  assertEquals([again.train, again.test, again.sha256], [train, test, sha256]);
  const changed = await loadFolderOf({ ...files, "0/0.png": plain(SIZE, 5) });
  assert(JSON.stringify(changed.sha256) !== JSON.stringify(sha256));
});

Deno.test("a class may be called train", async () => {
  const { classNames } = await loadFolderOf({
    "train/a.png": plain(SIZE, 1),
    "plane/a.png": plain(SIZE, 2),
  });
  assertEquals(classNames, ["plane", "train"]);
});

Deno.test("one picture in colours makes all of them colours", async () => {
  const { shape, train, test } = await loadFolderOf({
    ...GOOD,
    "train/dog/c.png": plain(SIZE, 1, 2, 3),
  });
  assertEquals(shape, [2, 3, 3]);
  assertEquals([...train.images.subarray(0, 4)], [30, 30, 30, 30]);
  assertEquals([...train.images.subarray(-3)], [1, 2, 3]);
  assertEquals([...test.images.subarray(0, 4)], [60, 60, 60, 60]);
});

Deno.test("pictures of all sizes are brought to one", async () => {
  const files = {
    ...GOOD,
    "train/dog/c.png": plain([9, 4], 70),
    "train/dog/d.png": plain([1, 1], 255, 0, 0),
  };
  const { shape, train } = await loadFolderOf(files, { image: [4, 4, 1] });
  assertEquals(shape, [4, 4, 1]);
  assertEquals([...train.images].filter((_, i) => i % 16 === 5), [
    ...[30, 10, 20, 70, 76],
  ]);
  const colours = await loadFolderOf(files, { image: [1, 1, 3] });
  assertEquals([...colours.train.images.subarray(-3)], [255, 0, 0]);
  await assertRejects(
    () => loadFolderOf(files),
    SyntaxError,
    "c.png: pictures must have one size: it has 9×4",
  );
});

Deno.test("broken pictures are named, and left out only where that is asked for", async () => {
  const files = {
    ...GOOD,
    "train/cat/broken.png": GOOD["train/cat/1.png"].slice(0, 40),
    "train/dog/moving.gif": new TextEncoder().encode("GIF89a"),
    "train/dog/empty.jpg": new Uint8Array(0),
  };
  const error = await assertRejects(() => loadFolderOf(files), SyntaxError);
  for (
    const words of [
      "Cannot read 3 of 6 pictures",
      "broken.png: it must have an end: it is cut off",
      "moving.gif: it must be a PNG or JPEG",
      "empty.jpg: it must be a PNG or JPEG: it is empty",
      "--skip-broken",
    ]
  ) assert(error.message.includes(words), error.message);
  const notes: string[] = [];
  const { train } = await loadFolderOf(files, {
    skipBroken: true,
    onNote: (note) => notes.push(note),
  });
  assertEquals([...train.labels], [0, 1, 1]);
  assertEquals(notes.length, 1);
  assert(notes[0].includes("Warning: 3 of 6 pictures are left out"), notes[0]);
});

Deno.test("a pipe among the pictures keeps nobody waiting", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/a`);
  await new Deno.Command("mkfifo", { args: [`${folder}/a/pipe.png`] }).output();
  await Deno.writeFile(`${folder}/a/one.png`, plain(SIZE, 1));
  await Deno.symlink(`${folder}/a/pipe.png`, `${folder}/a/link.png`);
  await Deno.symlink(`${folder}/nowhere.png`, `${folder}/a/nowhere.png`);
  await assertRejects(
    () => loadDataset(folder),
    RangeError,
    "it holds 1 in all",
  );
  await Deno.remove(folder, { recursive: true });
});

for (
  const [what, files, message] of [
    [
      "a part without pictures",
      { "train/a/x.txt": plain(SIZE, 1) },
      "there is no picture in them",
    ],
    ["pictures that say they are huge", {
      "a/a.png": plain(SIZE, 1),
      "a/b.png": plain(SIZE, 1).with(18, 255),
    }, "b.png: its checksums must hold"],
    [
      "folders of nothing",
      { "a/b/c.png": plain(SIZE, 1) },
      "there is no picture in them",
    ],
  ] as [string, Record<string, Uint8Array<ArrayBuffer>>, string][]
) {
  Deno.test(`loadDataset refuses ${what}`, async () => {
    await assertRejects(() => loadFolderOf(files), SyntaxError, message);
  });
}

Deno.test("more pixels than fit are refused before memory is taken for them", async () => {
  const files = Object.fromEntries(
    Array.from(
      { length: 90 },
      (_, i) => [`a/${i}.png`, plain([1, 1], i)] as const,
    ),
  );
  await assertRejects(
    () => loadFolderOf(files, { image: [4096, 4096, 3] }),
    RangeError,
    "90 of 4096×4096×3 have 4,529,848,320",
  );
});
