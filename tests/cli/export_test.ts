import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeDram } from "../../core/compress/code/encode_dram.ts";
import { exists } from "../../core/files/exists.ts";
import { weightShapes } from "../../core/models/cost.ts";
import { parseLayers } from "../../core/models/parse_layers.ts";
import { randomStream } from "../../core/random/stream.ts";
import { runProcess } from "./capture.ts";
import { runIn, writeDigits } from "./tiny_experiment.ts";

const folder = await Deno.makeTempDir({ prefix: "retort-export-" });
await writeDigits(`${folder}/digits`);
const spec = parseLayers("conv3x2,max2,dense6", { input: [14, 14, 1] });
const random = randomStream(1);
const dram = encodeDram({
  spec,
  labels: [..."0123456789"],
  tensors: weightShapes(spec).map((shape) => ({
    ...{ kind: "uniform", shape, bits: 3, scale: Float32Array.of(0.25) },
    levels: Int8Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => random.below(8) - 4,
    ),
  })),
});
await Deno.writeFile(`${folder}/small.dram`, dram);
const ARGS = ["export", "small.dram", "--data", "digits"];

Deno.test("export --json writes one format, and says how it was proven", async () => {
  const { code, stdout, stderr } = await runIn(
    folder,
    [...ARGS, "--to", "c", "--out", "small.h", "--json"],
  );
  assertEquals(code, 0, stderr);
  const { exports, ...rest } = JSON.parse(stdout);
  assertEquals([rest.bytes, rest.count], [dram.length, 300]);
  const [{ format, files, bytes, proof, absent }] = exports;
  assertEquals([format, files], ["c", ["small.h"]]);
  assertEquals(bytes, (await Deno.stat(`${folder}/small.h`)).size);
  assertEquals(proof === null, absent !== null);
  if (proof) assertEquals(proof.images, 300);
});

Deno.test("where a runtime isn't at hand the file is written, and that is said", async () => {
  const main = new URL("../../cli/main.ts", import.meta.url);
  assert(await exists(main.pathname));
  const { code, stdout, stderr } = await runProcess(
    [...ARGS, "--to", "c", "--out", "unproven.h", "--json"],
    { cwd: folder, env: { PATH: "", CC: "" } },
  );
  assertEquals(code, 0, stderr);
  const [{ proof, absent }] = JSON.parse(stdout).exports;
  assertEquals(proof, null);
  assertMatch(absent, /^no C compiler was found/);
  assertMatch(stderr, /written, not proven: no C compiler was found/);
  assert(await exists(`${folder}/unproven.h`));
});

Deno.test("export --to all fills a folder, and sets the sizes side by side", async () => {
  const args = [...ARGS, "--to", "all", "--out", "all"];
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals(code, 0, stderr);
  for (const format of ["onnx", "tflite", "tfjs", "safetensors", "c", "js"]) {
    assertMatch(stdout, new RegExp(`^${format} +[\\d,]+ +[\\d,]+ `, "m"));
  }
  const names = [...Deno.readDirSync(`${folder}/all`)].map(({ name }) => name);
  assertEquals(
    names.toSorted(),
    ["small.d.ts", "small.h", "small.html", "small.js", "small.onnx"]
      .concat(["small.safetensors", "small.tflite", "tfjs"]),
  );
  assertEquals(
    [...Deno.readDirSync(`${folder}/all/tfjs`)].map(({ name }) => name).sort(),
    ["model.json", "weights.bin"],
  );
  const again = await runIn(folder, args);
  assertEquals([again.code, again.stdout], [1, ""]);
  assertMatch(again.stderr, /Cannot write all\/small\.onnx: it exists already/);
});

Deno.test({
  name: "what its runtime refuses is not written",
  ignore: Deno.build.os === "windows",
  async fn() {
    const compiler = `${folder}/refusing-cc`;
    await Deno.writeTextFile(
      compiler,
      `#!/bin/sh\n[ "$1" = --version ] && echo "cc 1" && exit 0\necho "error: no" >&2\nexit 1\n`,
      { mode: 0o755 },
    );
    const { code, stdout, stderr } = await runProcess(
      [...ARGS, "--to", "c", "--out", "refused.h"],
      { cwd: folder, env: { CC: compiler } },
    );
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /Cannot prove the C header: .* must compile it: error: no/,
    );
    assert(!await exists(`${folder}/refused.h`));
  },
});

Deno.test("export says what it must be told", async () => {
  for (const more of [[], ["--to", "c"], ["--out", "x"]]) {
    const { code, stdout, stderr } = await runIn(folder, [...ARGS, ...more]);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /Cannot export small\.dram: --to must name a format/);
  }
});

Deno.test("export refuses data that the model wasn't made for", async () => {
  const { code, stderr } = await runIn(
    folder,
    ["export", "small.dram", "--to", "c", "--out", "other.h"],
  );
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot use small\.dram on mnist: .*pass --data/);
  assert(!await exists(`${folder}/other.h`));
});
