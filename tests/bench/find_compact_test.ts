import { assertEquals, assertRejects } from "@std/assert";
import { findCompact } from "../../bench/find_compact.ts";
import { modelCost } from "../../core/models/cost.ts";
import { smallDram, smallModel } from "../core/infer/small_model.ts";

/** A folder of `.dram` files with manifests that tell these accuracies. */
async function makeFolder(accuracies: Record<string, number>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, accuracy] of Object.entries(accuracies)) {
    await Deno.writeFile(`${folder}/${name}.dram`, smallDram());
    const scores = { test: { accuracy, loss: 0.1 } };
    await Deno.writeTextFile(
      `${folder}/${name}.json`,
      JSON.stringify({ scores }),
    );
  }
  return folder;
}

Deno.test("the smallest file of at least 0.99 is found, with images to run it on", async () => {
  const folder = await makeFolder({ good: 0.9905, poor: 0.98 });
  await Deno.writeFile(`${folder}/unknown.dram`, new Uint8Array(1));
  const { name, file, images, multiplyAdds } = await findCompact(folder);
  assertEquals([name, file], ["good", `${folder}/good.dram`]);
  assertEquals(multiplyAdds, modelCost(smallModel().spec).multiplyAdds);
  assertEquals(images.length, 8 * 784);
});

Deno.test("a folder without such a file, or no folder, is told", async () => {
  const folder = await makeFolder({ poor: 0.98 });
  for (const each of [folder, "/no/folder"]) {
    await assertRejects(() => findCompact(each), Error, "no .dram file in");
  }
});
