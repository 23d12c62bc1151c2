import { assertEquals } from "@std/assert";
import { loadFashionMnist } from "../../../core/data/fashion_mnist.ts";
import { idxBytes } from "./formats/idx_bytes.ts";

Deno.test("loadFashionMnist names the ten classes, unless others are named", async () => {
  const folder = await Deno.makeTempDir();
  for (const part of ["train", "t10k"]) {
    const images = idxBytes([2, 1, 1], [1, 2]);
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, images);
    const labels = idxBytes([2], [0, 9]);
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, labels);
  }
  const { name, classes, classNames } = await loadFashionMnist(folder);
  assertEquals([name, classes], ["fashion-mnist", 10]);
  assertEquals([classNames[0], classNames[9]], ["T-shirt/top", "Ankle boot"]);
  const named = await loadFashionMnist(folder, {
    classNames: [..."abcdefghij"],
  });
  assertEquals(named.classNames[9], "j");
  await Deno.remove(folder, { recursive: true });
});
