import { assertEquals, assertRejects } from "@std/assert";
import {
  type LoadDataOptions,
  loadDataset,
} from "../../../../core/data/formats/load_dataset.ts";

/** Loads a folder of these files, or its one file, and removes it. */
async function loadTexts(
  files: Record<string, string>,
  options: Omit<LoadDataOptions, "room"> = {},
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const [only] = Object.keys(files);
    const alone = Object.keys(files).length === 1;
    return await loadDataset(alone ? `${folder}/${only}` : folder, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const TRAIN = "1,0,1,2,3\n0,4,5,6,7\n";
const TEST = "2,250,251,252,255\n";

Deno.test("a folder of train and test .csv files is read", async () => {
  const { shape, classes, train, test, sha256 } = await loadTexts({
    "mnist_train.csv": TRAIN,
    "mnist_test.csv": TEST,
  });
  assertEquals([shape, classes], [[2, 2, 1], 3]);
  assertEquals(train.images, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
  assertEquals([...train.labels], [1, 0]);
  assertEquals(test.images, Uint8Array.of(250, 251, 252, 255));
  assertEquals(Object.keys(sha256), ["mnist_train.csv", "mnist_test.csv"]);
});

Deno.test("a .csv file alone is divided; names, quotes, ends of lines and a label column elsewhere are read", async () => {
  const lines = Array.from(
    { length: 6 },
    (_, i) => `${i},${i},${i},${i},"${i % 2}"`,
  );
  const { train, test } = await loadTexts({
    "a.csv": ["p0,p1,p2,p3,label", ...lines, ""].join("\r\n"),
  });
  assertEquals([train.count, test.count], [5, 1]);
  for (const { images, labels } of [train, test]) {
    labels.forEach((label, i) => assertEquals(label, images[4 * i] % 2));
  }
});

Deno.test("labels that are words become classes by name, pixels that are shares of 1 bytes", async () => {
  const { classNames, train, test } = await loadTexts({
    "train.csv": "dog,0,0.5,1,0.25\ncat,1,1,0,0\n",
    "test.csv": "cat,0.2,0,0,1\n",
  });
  assertEquals(classNames, ["cat", "dog"]);
  assertEquals([...train.labels, ...test.labels], [1, 0, 0]);
  assertEquals([...train.images.subarray(0, 4)], [0, 128, 255, 64]);
  assertEquals([...test.images], [51, 0, 0, 255]);
});

Deno.test("columns of pixels may be called by numbers, and a training file anything with train in it", async () => {
  const head = "label,0,1,2,3\n";
  const { classNames, train, test } = await loadTexts({
    "latest-train.csv": head + TRAIN,
    "test.csv": head + TEST,
  });
  assertEquals(classNames, ["0", "1", "2"]);
  assertEquals([train.count, test.count], [2, 1]);
  assertEquals([...train.labels, ...test.labels], [1, 0, 2]);
});

Deno.test("a test .csv file alone in a folder is to be scored", async () => {
  const { train, test } = await loadTexts({ "test.csv": TEST, "read me": "" });
  assertEquals([train.count, test.count], [0, 1]);
});

Deno.test("--image says how rows that are no squares lie", async () => {
  const files = { "train.csv": "0,1,2,3\n1,4,5,6\n", "test.csv": "0,1,2,3\n" };
  const { shape } = await loadTexts(files, { image: [1, 3, 1] });
  assertEquals(shape, [1, 3, 1]);
  const error = loadTexts({
    "train.csv": "0,1,2\n1,4,5\n",
    "test.csv": "0,1,2\n",
  });
  await assertRejects(() => error, SyntaxError, "--image says: they have 2");
});

for (
  const [what, text, message] of [
    ["nothing", "", "there is none"],
    ["no commas", "1\n2\n", "there is no comma"],
    ["a short line", "1,2,3,4,5\n1,2\n", "line 2 has 2"],
    ["a long line", "1,2,3,4,5\n1,2,3,4,5,6\n", "line 2 has 6"],
    ["a word among pixels", "1,2,3,4,5\n1,2,x,4,5\n", 'in line 2 one is "x"'],
    ["a pixel over 255", "1,2,3,4,256\n", 'in line 1 one is "256"'],
    ["an empty pixel", "1,2,3,4,5\n1,2,,4,5\n", 'in line 2 one is ""'],
    ["a negative pixel", "l,a,b,c,d\n1,2,-3,4,5\n", 'in line 2 one is "-3"'],
  ]
) {
  Deno.test(`a .csv file is refused: ${what}`, async () => {
    await assertRejects(
      () => loadTexts({ "a.csv": text }),
      SyntaxError,
      message,
    );
  });
}
