import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadMnist } from "../../core/data/mnist.ts";
import { loadEncoded } from "../../core/infer/load.ts";
import { smallDram, smallModel } from "../core/infer/small_model.ts";
import { runInProcess, runProcess } from "./capture.ts";

const folder = await Deno.makeTempDir();
const FILE = `${folder}/small.dram`;
await Deno.writeFile(FILE, smallDram());

Deno.test("evaluate FILE.dram --json tells bytes and accuracy, from the file alone, in a process of its own", async () => {
  const { code, stdout, stderr } = await runProcess([
    "evaluate",
    FILE,
    "--json",
  ]);
  assertEquals(code, 0, stderr);
  const [first, second, ...rest] = stderr.split("\n");
  assertEquals(first, "direct: plain TypeScript, without a framework");
  // Its weights were drawn, not learnt.
  assertStringIncludes(second, "is no better than chance on these images");
  assertEquals(rest, [""]);
  const { test } = await loadMnist();
  const { classes } = loadEncoded(smallModel()).classify(test.images);
  const hits = classes.filter((each, image) => each === test.labels[image]);
  const { loss, ...found } = JSON.parse(stdout);
  assertEquals(found, {
    file: FILE,
    format: "dram",
    parameters: 160,
    bytes: smallDram().length,
    dataset: "mnist",
    split: "test",
    count: 10_000,
    accuracy: hits.length / 10_000,
  });
  assert(loss > 0);
});

Deno.test("evaluate --backend wasm runs the file on tfjs, with the same score", async () => {
  const args = ["evaluate", FILE, "--split", "validation", "--json"];
  const direct = await runInProcess(args);
  const wasm = await runInProcess([...args, "--backend", "wasm"]);
  assertStringIncludes(wasm.stderr, "wasm: asked for");
  const [expected, found] = [direct, wasm].map(({ stdout }) =>
    JSON.parse(stdout)
  );
  assertEquals(found.count, 5000);
  assertEquals(found.accuracy, expected.accuracy);
  assert(Math.abs(found.loss - expected.loss) < 1e-6);
});

/** What is said of `bytes` as a file, which must fail. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const path = `${folder}/bad.dram`;
  await Deno.writeFile(path, bytes);
  const { code, stdout, stderr } = await runInProcess(["evaluate", path]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr.trimEnd().split("\n").length, 1);
  return stderr;
}

Deno.test("a truncated, damaged, foreign, empty or huge file is refused by its name", async () => {
  const bytes = smallDram();
  const cannot = `retort: Cannot read ${folder}/bad.dram: `;
  const cut = await refusal(bytes.subarray(0, -1));
  assertStringIncludes(cut, `${cannot}it is cut short`);
  const damaged = await refusal(bytes.with(20, bytes[20] ^ 1));
  assertStringIncludes(damaged, `${cannot}its checksum differs`);
  const zip = await refusal(new TextEncoder().encode("PK not this"));
  assertStringIncludes(zip, "is it another kind of file?");
  assertStringIncludes(
    await refusal(new Uint8Array(0)),
    `${cannot}it is empty`,
  );

  using file = await Deno.open(`${folder}/huge.dram`, {
    create: true,
    write: true,
  });
  await file.truncate(2 ** 40);
  const huge = await runInProcess(["evaluate", `${folder}/huge.dram`]);
  assertEquals(huge.code, 1);
  assertStringIncludes(huge.stderr, "it has 1,099,511,627,776");
});

Deno.test("a file of other images is refused", async () => {
  const { spec } = smallModel();
  const narrow = {
    ...smallModel(),
    spec: { ...spec, input: [26, 26, 1] } as const,
  };
  const { encodeDram } = await import(
    "../../core/compress/code/encode_dram.ts"
  );
  await Deno.writeFile(`${folder}/narrow.dram`, encodeDram(narrow));
  const { code, stderr } = await runInProcess([
    "evaluate",
    `${folder}/narrow.dram`,
  ]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "it reads images of 26×26×1 in 10 classes");
});
