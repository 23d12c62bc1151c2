import { assertEquals, assertRejects } from "@std/assert";
import { sha256Hex } from "../../../../core/data/formats/idx_file.ts";
import { loadIdxFolder } from "../../../../core/data/formats/idx_folder.ts";
import { gzip, idxBytes } from "./idx_bytes.ts";

const TRAIN_IMAGES = "train-images-idx3-ubyte";
const TRAIN_LABELS = "train-labels-idx1-ubyte";
const TEST_IMAGES = "t10k-images-idx3-ubyte";
const TEST_LABELS = "t10k-labels-idx1-ubyte";

/** Four files that belong together: 3 and 2 images of 2×1 pixels, 3 classes. */
const GOOD: Record<string, Uint8Array<ArrayBuffer>> = {
  [TRAIN_IMAGES]: idxBytes([3, 2, 1], [1, 2, 3, 4, 5, 6]),
  [TRAIN_LABELS]: idxBytes([3], [0, 2, 1]),
  [TEST_IMAGES]: idxBytes([2, 2, 1], [7, 8, 9, 10]),
  [TEST_LABELS]: idxBytes([2], [2, 0]),
};

/** Loads a folder of these files, and removes it. */
async function loadFolderOf(
  files: Record<string, Uint8Array<ArrayBuffer>>,
  load = (folder: string) => loadIdxFolder(folder, "mine"),
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    return await load(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadIdxFolder reads size, channels and classes from the files", async () => {
  const dataset = await loadFolderOf(GOOD);
  assertEquals(dataset.name, "mine");
  assertEquals(dataset.shape, [2, 1, 1]);
  assertEquals(dataset.classes, 3);
  assertEquals(dataset.train, {
    count: 3,
    shape: [2, 1, 1],
    images: Uint8Array.of(1, 2, 3, 4, 5, 6),
    labels: Uint8Array.of(0, 2, 1),
  });
  assertEquals(dataset.test.labels, Uint8Array.of(2, 0));
  assertEquals(
    dataset.sha256[TEST_LABELS],
    await sha256Hex(GOOD[TEST_LABELS]),
  );
});

Deno.test("loadIdxFolder calls the dataset as its folder, however that is written", async () => {
  let name = "";
  const dataset = await loadFolderOf(GOOD, (folder) => {
    name = folder.replace(/^.*\//, "");
    return loadIdxFolder(`${folder}/../${name}/./`);
  });
  assertEquals(dataset.name, name);
});

Deno.test("loadIdxFolder reads gzipped files and images of four dimensions", async () => {
  const { [TRAIN_IMAGES]: _, [TEST_IMAGES]: __, ...labels } = GOOD;
  const dataset = await loadFolderOf({
    ...labels,
    "train-images-idx4-ubyte": idxBytes([3, 1, 1, 2], [1, 2, 3, 4, 5, 6]),
    "t10k-images-idx4-ubyte.gz": await gzip(
      idxBytes([2, 1, 1, 2], [7, 8, 9, 10]),
    ),
  });
  assertEquals(dataset.shape, [1, 1, 2]);
  assertEquals(dataset.test.images, Uint8Array.of(7, 8, 9, 10));
});

for (const name of Object.keys(GOOD)) {
  Deno.test(`loadIdxFolder reports a missing ${name}`, async () => {
    const { [name]: _, ...rest } = GOOD;
    await assertRejects(
      () => loadFolderOf(rest),
      Deno.errors.NotFound,
      name,
    );
  });

  Deno.test(`loadIdxFolder refuses a truncated ${name}`, async () => {
    await assertRejects(
      () => loadFolderOf({ ...GOOD, [name]: GOOD[name].slice(0, -1) }),
      SyntaxError,
      name,
    );
  });
}

const REFUSED: [string, string, Uint8Array<ArrayBuffer>, string][] = [
  [
    "fewer labels than images",
    TRAIN_LABELS,
    idxBytes([2], [0, 1]),
    "one label for each of 3 images: it holds 2",
  ],
  [
    "more test labels than images",
    TEST_LABELS,
    idxBytes([3], [0, 1, 2]),
    "one label for each of 2 images: it holds 3",
  ],
  [
    "labels of two dimensions",
    TRAIN_LABELS,
    idxBytes([3, 1], [0, 1, 2]),
    "it holds 3 × 1",
  ],
  [
    "images of two dimensions",
    TRAIN_IMAGES,
    idxBytes([3, 2], [1, 2, 3, 4, 5, 6]),
    "must have 3 or 4 dimensions: found 2",
  ],
  [
    "test images of another size",
    TEST_IMAGES,
    idxBytes([2, 1, 2], [7, 8, 9, 10]),
    "must have one size: they have 2×1×1 and 1×2×1",
  ],
  [
    "labels of one class only",
    TRAIN_LABELS,
    idxBytes([3], [0, 0, 0]),
    "at least 2 classes: found 1",
  ],
];

for (const [what, name, bytes, message] of REFUSED) {
  Deno.test(`loadIdxFolder refuses ${what}`, async () => {
    await assertRejects(
      () => loadFolderOf({ ...GOOD, [name]: bytes }),
      SyntaxError,
      message,
    );
  });
}

Deno.test("loadIdxFolder counts classes that only test images have", async () => {
  const files = { ...GOOD, [TEST_LABELS]: idxBytes([2], [0, 3]) };
  const dataset = await loadFolderOf(files);
  assertEquals([dataset.classes, dataset.classNames], [4, [..."0123"]]);
});

for (
  const [what, rename] of [
    [
      "with a point, as Kaggle unpacks them",
      (name: string) => name.replace("-idx", ".idx"),
    ],
    [
      "of EMNIST",
      (name: string) => `emnist-letters-${name.replace("t10k", "test")}`,
    ],
  ] as const
) {
  Deno.test(`loadIdxFolder reads names ${what}, and keeps hashes by the usual ones`, async () => {
    const renamed = Object.fromEntries(
      Object.entries(GOOD).map(([name, bytes]) => [rename(name), bytes]),
    );
    assertEquals(await loadFolderOf(renamed), await loadFolderOf(GOOD));
  });
}

Deno.test("loadIdxFolder reads test files alone, and one image", async () => {
  const { train, test, classes } = await loadFolderOf({
    [TEST_IMAGES]: idxBytes([1, 2, 1], [7, 8]),
    [TEST_LABELS]: idxBytes([1], [2]),
  });
  assertEquals([train.count, test.count, classes], [0, 1, 3]);
});

Deno.test("loadIdxFolder keeps one training image in six to test by where there is no other", async () => {
  const load = () =>
    loadFolderOf({
      [TRAIN_IMAGES]: idxBytes([12, 1, 1], [...Array(12).keys()]),
      [TRAIN_LABELS]: idxBytes([12], [...Array(12).keys()]),
    });
  const { train, test } = await load();
  assertEquals([train.count, test.count], [10, 2]);
  assertEquals(
    [...train.images, ...test.images].sort((a, b) => a - b),
    [...Array(12).keys()],
  );
  assertEquals(test.images, new Uint8Array(test.labels));
  assertEquals(await load(), await load());
});

Deno.test("loadIdxFolder refuses the files of two datasets", async () => {
  await assertRejects(
    () =>
      loadFolderOf({
        ...GOOD,
        "emnist-letters-train-images-idx3-ubyte": GOOD[TRAIN_IMAGES],
      }),
    SyntaxError,
    "their names begin with `emnist-letters-`, ``",
  );
});

Deno.test("loadIdxFolder says so where there is no folder", async () => {
  await assertRejects(
    () => loadIdxFolder("/no/such/folder"),
    Deno.errors.NotFound,
    "there is no such folder; check the path",
  );
  const path = await Deno.makeTempFile();
  await assertRejects(
    () => loadIdxFolder(path),
    TypeError,
    "it must be a folder of four IDX files",
  );
  await Deno.remove(path);
});
