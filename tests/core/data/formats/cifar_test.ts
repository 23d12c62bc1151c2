import { assertEquals, assertRejects } from "@std/assert";
import { loadDataset } from "../../../../core/data/formats/load_dataset.ts";

const AREA = 1024;

/** A record: bytes before, then red, green and blue planes that begin with their own value. */
function record(before: number[], red: number): number[] {
  return [
    ...before,
    ...[red, 0, 0].flatMap((first, c) => [
      c === 0 ? first : 100 + c,
      ...Array<number>(AREA - 1).fill(c),
    ]),
  ];
}

/** Loads a folder of these files, and removes it. */
async function loadFiles(files: Record<string, number[] | string>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(
        `${folder}/${name}`,
        typeof content === "string"
          ? new TextEncoder().encode(content)
          : Uint8Array.from(content),
      );
    }
    return await loadDataset(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("CIFAR-10's binary batches are read in order, planes as colours, with their names", async () => {
  const { shape, classNames, train, test, sha256 } = await loadFiles({
    "data_batch_2.bin": record([1], 30),
    "data_batch_1.bin": [...record([0], 10), ...record([2], 20)],
    "test_batch.bin": record([2], 40),
    "batches.meta.txt": "airplane\nautomobile\nbird\n\n",
  });
  assertEquals(shape, [32, 32, 3]);
  assertEquals(classNames, ["airplane", "automobile", "bird"]);
  assertEquals([...train.labels, ...test.labels], [0, 2, 1, 2]);
  assertEquals([...train.images.subarray(0, 6)], [10, 101, 102, 0, 1, 2]);
  assertEquals(train.images[2 * 3 * AREA], 30);
  assertEquals(test.images[0], 40);
  assertEquals(Object.keys(sha256).length, 3);
});

Deno.test("CIFAR-100's fine labels are read, with or without names", async () => {
  const files = {
    "train.bin": [...record([0, 1], 10), ...record([1, 0], 20)],
    "test.bin": record([0, 1], 30),
  };
  const { classNames, train } = await loadFiles(files);
  assertEquals([classNames, [...train.labels]], [["0", "1"], [1, 0]]);
  const named = await loadFiles({
    ...files,
    "fine_label_names.txt": "apple\nbear\n",
  });
  assertEquals(named.classNames, ["apple", "bear"]);
});

Deno.test("CIFAR's files are refused where records are cut off, or a label has no name", async () => {
  await assertRejects(
    () => loadFiles({ "data_batch_1.bin": record([0], 1).slice(1) }),
    SyntaxError,
    "records of 3073 bytes",
  );
  await assertRejects(
    () =>
      loadFiles({
        "data_batch_1.bin": record([7], 1),
        "batches.meta.txt": "airplane\n",
      }),
    SyntaxError,
    "there are 1, and a label is 7",
  );
});
