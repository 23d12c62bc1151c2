import { assertEquals, assertStringIncludes } from "@std/assert";
import { idxBytes } from "../core/data/formats/idx_bytes.ts";
import { freshExperiment, runIn } from "./tiny_experiment.ts";

/** A fresh experiment with a folder `mine` of files made by `change` of the tiny digits' own. */
async function makeMine(
  change: (
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ) => [string, Uint8Array<ArrayBuffer>] | null,
): Promise<string> {
  const folder = await freshExperiment();
  await Deno.mkdir(`${folder}/mine`);
  for (const { name } of Deno.readDirSync(`${folder}/digits`)) {
    const changed = change(
      name,
      await Deno.readFile(`${folder}/digits/${name}`),
    );
    if (changed) {
      await Deno.writeFile(`${folder}/mine/${changed[0]}`, changed[1]);
    }
  }
  return folder;
}

const EVALUATE = ["evaluate", "teacher", "--backend", "wasm", "--json"];

/** What the teacher scores on the tiny digits themselves. */
async function scoreOf(folder: string, args: string[]) {
  const { code, stdout, stderr } = await runIn(folder, [...EVALUATE, ...args]);
  assertEquals(code, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

Deno.test("test files alone are scored, under EMNIST's names, and nothing is learnt from them", async () => {
  const folder = await makeMine((name, bytes) =>
    name.startsWith("t10k")
      ? [`emnist-digits-${name.replace("t10k", "test")}`, bytes]
      : null
  );
  const own = await scoreOf(folder, ["--data", "digits"]);
  const alone = await scoreOf(folder, ["--data", "mine"]);
  assertEquals([alone.accuracy, alone.count], [own.accuracy, own.count]);
  const { code, stderr } = await runIn(folder, ["train", "--data", "mine"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "it holds test images alone");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("digits without an 8 and a 9 are scored by a model that knows them", async () => {
  const folder = await makeMine((name, bytes) => {
    if (!name.includes("labels")) return [name, bytes];
    const labels = bytes.subarray(8).map((label) => label % 8);
    return [name, idxBytes([labels.length], labels)];
  });
  const { accuracy, stderr } = await scoreOf(folder, ["--data", "mine"]);
  const own = await scoreOf(folder, ["--data", "digits"]);
  assertEquals(accuracy > 0.6 && accuracy < own.accuracy, true, stderr);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("labels from 1 and transposed images are read right by two options", async () => {
  const folder = await makeMine((name, bytes) => {
    if (name.includes("labels")) {
      return [name, bytes.map((byte, at) => at < 8 ? byte : byte + 1)];
    }
    const turned = bytes.slice();
    for (let image = 16; image < bytes.length; image += 196) {
      for (let y = 0; y < 14; y++) {
        for (let x = 0; x < 14; x++) {
          turned[image + 14 * x + y] = bytes[image + 14 * y + x];
        }
      }
    }
    return [name, turned];
  });
  const { accuracy } = await scoreOf(folder, [
    ...["--data", "mine", "--label-offset", "1", "--transpose"],
  ]);
  assertEquals(
    accuracy,
    (await scoreOf(folder, ["--data", "digits"])).accuracy,
  );
  const { code, stderr } = await runIn(folder, [...EVALUATE, "--data", "mine"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "these are images of 14×14×1 in 11 classes");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("names of classes come from a list or a file, and go into a .dram file", async () => {
  const folder = await makeMine((name, bytes) => [name, bytes]);
  const names = "zero,one,two,three,four,five,six,seven,eight,nine".split(",");
  await Deno.writeTextFile(`${folder}/names.txt`, names.join("\r\n"));
  const compact = async (classes: string, out: string) => {
    const { code, stderr } = await runIn(folder, [
      ...["compact", "--data", "digits", "--teacher", "teacher"],
      ...["--classes", classes, "--layers", "conv3x4,max2", "--epochs", "1"],
      ...["--copies", "1", "--backend", "wasm", "--out", out],
    ]);
    assertEquals(code, 0, stderr);
    return await Deno.readFile(`${folder}/${out}`);
  };
  const listed = await compact(names.join(), "listed.dram");
  assertEquals(listed, await compact("names.txt", "filed.dram"));
  const { stdout } = await runIn(folder, ["dram", "listed.dram", "--json"]);
  assertStringIncludes(stdout, "seven");
  await Deno.remove(folder, { recursive: true });
});

for (
  const [args, message] of [
    [
      ["--data", "digits", "--image", "28x28"],
      "it must be HEIGHTxWIDTHxCHANNELS",
    ],
    [["--image", "28x28x1"], "Cannot use --image on MNIST"],
    [
      ["--data", "digits", "--classes", "a,b"],
      "there are 2, and labels go to 9",
    ],
    [["--data", "digits", "--image", "8x8x1"], "--image 14x14x1"],
  ] as const
) {
  Deno.test(`evaluate refuses ${args.join(" ")}`, async () => {
    const folder = await freshExperiment();
    const { code, stderr } = await runIn(folder, [...EVALUATE, ...args]);
    assertEquals(code > 0, true);
    assertStringIncludes(stderr, message);
    await Deno.remove(folder, { recursive: true });
  });
}
