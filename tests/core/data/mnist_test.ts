import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { assertMnist, loadMnist } from "../../../core/data/mnist.ts";
import { MNIST_SHA256 } from "../../../core/data/mnist_hashes.ts";
import { idxBytes } from "./formats/idx_bytes.ts";

Deno.test("loadMnist gives the 70,000 images with the published class counts", async () => {
  const { train, test, classes, shape } = await loadMnist();
  assertEquals([train.count, test.count, classes], [60_000, 10_000, 10]);
  assertEquals(shape, [28, 28, 1]);
  const counts = (labels: ArrayLike<number> & Iterable<number>) => {
    const perClass = new Array(10).fill(0);
    for (const label of labels) perClass[label]++;
    return perClass;
  };
  // As counted in many publications of the set.
  assertEquals(
    counts(train.labels),
    [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
  );
  assertEquals(
    counts(test.labels),
    [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
  );
  // The training set's mean pixel is known to be 0.1307 of 255.
  let sum = 0;
  for (const pixel of train.images) sum += pixel;
  assert(Math.abs(sum / train.images.length / 255 - 0.1307) < 5e-5);
});

for (const file of Object.keys(MNIST_SHA256)) {
  Deno.test(`assertMnist refuses another ${file}`, () => {
    assertThrows(
      () => assertMnist({ ...MNIST_SHA256, [file]: "0".repeat(64) }),
      Error,
      `Cannot use ${file} as MNIST: its SHA-256 must be ${MNIST_SHA256[file]}`,
    );
  });
}

Deno.test("assertMnist accepts MNIST and refuses a missing file", () => {
  assertMnist(MNIST_SHA256);
  assertThrows(() => assertMnist({}), Error, "missing");
});

Deno.test("loadMnist refuses a folder of other, well-formed files", async () => {
  const folder = await Deno.makeTempDir();
  for (const part of ["train", "t10k"]) {
    const images = idxBytes([2, 1, 1], [1, 2]);
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, images);
    const labels = idxBytes([2], [0, 1]);
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, labels);
  }
  await assertRejects(() => loadMnist(folder), Error, "SHA-256");
  await Deno.remove(folder, { recursive: true });
});
