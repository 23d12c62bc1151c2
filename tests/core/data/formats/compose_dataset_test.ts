import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { composeDataset } from "../../../../core/data/formats/compose_dataset.ts";
import { assertHeld } from "../../../../core/data/dataset.ts";
import type {
  RawPart,
  ReadingOptions,
} from "../../../../core/data/formats/format.ts";

/** Images of 2×3 whose pixels are 6i … 6i + 5. */
function partOf(labels: number[]): RawPart {
  return {
    count: labels.length,
    shape: [2, 3, 1],
    images: Uint8Array.from({ length: 6 * labels.length }, (_, i) => i),
    labels: Uint32Array.from(labels),
  };
}

async function compose(labels: number[], options: ReadingOptions = {}) {
  const part = partOf(labels);
  const dataset = await composeDataset({
    train: part,
    test: part,
    sha256: { a: "b" },
  }, {
    name: "mine",
    path: "mine",
    ...options,
  });
  assertHeld(dataset);
  return dataset;
}

Deno.test("composeDataset exchanges rows and columns", async () => {
  const { shape, test } = await compose([0, 1], { transpose: true });
  assertEquals(shape, [3, 2, 1]);
  assertEquals([...test.images.subarray(0, 6)], [0, 3, 1, 4, 2, 5]);
  assertEquals([...test.images.subarray(6)], [6, 9, 7, 10, 8, 11]);
});

Deno.test("composeDataset takes an offset from labels, and names classes in order", async () => {
  const options = { labelOffset: 1, classNames: ["a", "b", "c"] };
  const { classes, classNames, test } = await compose([2, 1], options);
  assertEquals([classes, classNames], [3, ["a", "b", "c"]]);
  assertEquals(test.labels, Uint8Array.of(1, 0));
});

Deno.test("composeDataset keeps more than 256 classes apart", async () => {
  const { classes, train } = await compose([0, 300, 65_535]);
  assertEquals(classes, 65_536);
  assertEquals(train.labels, Uint16Array.of(0, 300, 65_535));
  await assertRejects(() => compose([0, 65_536]), SyntaxError, "found 65536");
});

Deno.test("composeDataset brings named classes into the order that is wanted", async () => {
  const part = partOf([0, 1]);
  const raw = {
    train: part,
    test: part,
    classNames: ["cat", "dog"],
    sha256: {},
  };
  const where = { name: "pets", path: "pets" };
  const { classNames, test } = await composeDataset(raw, {
    ...where,
    classNames: ["dog", "bird", "cat"],
  });
  assertEquals(classNames, ["dog", "bird", "cat"]);
  assertEquals(test.labels, Uint8Array.of(2, 0));
  await assertRejects(
    () => composeDataset(raw, { ...where, classNames: ["dog", "bird"] }),
    SyntaxError,
    '"cat" is not; add it to --classes',
  );
});

Deno.test("composeDataset tells data apart by the options that change them, and not by others", async () => {
  const hashes = await Promise.all(([
    {},
    { labelOffset: 1 },
    { transpose: true },
    { image: [1, 1, 1] },
    { image: [1, 1, 3] },
  ] as ReadingOptions[]).map(async (options) =>
    JSON.stringify((await compose([1, 2], options)).sha256)
  ));
  assertEquals(new Set(hashes).size, hashes.length);
  assertEquals(hashes[0], '{"a":"b"}');
  const named = await compose([0, 1], {
    classNames: ["x", "y"],
    labelOffset: 0,
  });
  assertEquals(named.sha256, { a: "b" });
});

Deno.test("composeDataset brings images to a size", async () => {
  const coloured = await compose([0, 1], { image: [1, 1, 3] });
  const { shape, test } = coloured;
  assertEquals(shape, [1, 1, 3]);
  // What has colour is no drawn digit.
  assertEquals(coloured.augmentation, "photos");
  assertEquals((await compose([0, 1])).augmentation, "digits");
  assertEquals([...test.images], [3, 3, 3, 9, 9, 9]);
  assertNotEquals(test.images, (await compose([0, 1])).test.images);
});

for (
  const [what, labels, options, message] of [
    ["a label below the offset", [1, 0], { labelOffset: 1 }, "found 0; pass"],
    [
      "fewer names than classes",
      [0, 2],
      { classNames: ["a", "b"] },
      "there are 2, and labels go to 2;",
    ],
    [
      "one name for two classes",
      [0, 1],
      { classNames: ["a", "a"] },
      'one is "a"',
    ],
    [
      "a name that no .dram file keeps",
      [0, 1],
      { classNames: ["a", "字".repeat(86)] },
      "at most 255 bytes",
    ],
    [
      "a class without a name",
      [0, 1],
      { classNames: ["a", " "] },
      'one is " "',
    ],
  ] as [string, number[], ReadingOptions, string][]
) {
  Deno.test(`composeDataset refuses ${what}`, async () => {
    await assertRejects(() => compose(labels, options), SyntaxError, message);
  });
}

Deno.test("composeDataset says what one image alone lacks", async () => {
  await assertRejects(
    () =>
      composeDataset({ train: partOf([3]), sha256: {} }, {
        name: "one",
        path: "one",
      }),
    RangeError,
    "it holds 1 in all; add images",
  );
});
