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

/** Writes a small model of `layers` as `name`; gives its bytes. */
async function writeDram(name: string, layers: string): Promise<Uint8Array> {
  const spec = parseLayers(layers, { input: [14, 14, 1] });
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
  await Deno.writeFile(`${folder}/${name}`, dram);
  return dram;
}

const dram = await writeDram("small.dram", "conv3x2,max2,dense6");
const ARGS = ["export", "small.dram", "--data", "digits"];

Deno.test("export --json writes one format, and says how it was proven", async () => {
  const { code, stdout, stderr } = await runIn(
    folder,
    [...ARGS, "--to", "c", "--out", "small.h", "--json"],
  );
  assertEquals(code, 0, stderr);
  const { exports, ...rest } = JSON.parse(stdout);
  assertEquals([rest.bytes, rest.count], [dram.length, 300]);
  const [{ format, files, bytes, footprint, proof, absent }] = exports;
  assertEquals([format, files], ["c", ["small.h"]]);
  assertEquals(bytes, (await Deno.stat(`${folder}/small.h`)).size);
  assertEquals(proof === null, absent !== null);
  // 12 × 12 × 2 are pooled as they are computed: 6 × 6 × 2 and 6 float32s.
  assertEquals(footprint.ram, 4 * (72 + 6));
  if (proof) {
    assertEquals(proof.images, 300);
    assert(footprint.flash > footprint.constants, JSON.stringify(footprint));
  } else assertEquals(footprint.flash, null);
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
  // Stock tfjs has no zeros around pools of what may be negative; all others can say them.
  await writeDram("framed.dram", "conv3x2:leaky,max3/2:pad1x1x0x0,dense6");
  const args = ["export", "framed.dram", "--data", "digits", "--to", "all"]
    .concat(["--out", "all"]);
  const { code, stdout, stderr } = await runIn(folder, args);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^tfjs: not written: .* a pool there must have padding/m);
  for (const format of ["onnx", "tflite", "safetensors", "c", "js", "html"]) {
    assertMatch(stdout, new RegExp(`^${format} +[\\d,]+ +[\\d,]+ `, "m"));
  }
  const names = [...Deno.readDirSync(`${folder}/all`)].map(({ name }) => name);
  assertEquals(
    names.toSorted(),
    ["framed.d.ts", "framed.h", "framed.html", "framed.js", "framed.onnx"]
      .concat(["framed.safetensors", "framed.tflite"]),
  );
  const again = await runIn(folder, args);
  assertEquals([again.code, again.stdout], [1, ""]);
  assertMatch(
    again.stderr,
    /Cannot write all\/framed\.onnx: it exists already/,
  );
});

Deno.test("export to tfjs fills a folder, or says what tfjs can't do", async () => {
  const args = [...ARGS, "--to", "tfjs", "--out", "tfjs"];
  const { code, stderr } = await runIn(folder, args);
  assertEquals(code, 0, stderr);
  assertEquals(
    [...Deno.readDirSync(`${folder}/tfjs`)].map(({ name }) => name).sort(),
    ["model.json", "weights.bin"],
  );
  await writeDram("mean.dram", "conv3x2,pool3/2:pad1x1x0x0,dense6");
  const refused = await runIn(
    folder,
    ["export", "mean.dram", "--data", "digits", "--to", "tfjs"]
      .concat(["--out", "none"]),
  );
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertMatch(refused.stderr, /a pool there must have padding .*; keep the/);
  assertEquals([...Deno.readDirSync(`${folder}/none`)], []);
});

Deno.test("export --tiny writes a page and says whether a QR code holds it, or what the page can't say", async () => {
  const model = "models/compact/digits-95.dram";
  const dram = await Deno.readFile(new URL(`../../${model}`, import.meta.url));
  await Deno.writeFile(`${folder}/digits-95.dram`, dram);
  const { code, stdout, stderr } = await runIn(
    folder,
    ["export", "digits-95.dram", "--data", "digits", "--image", "28x28x1"]
      .concat(["--to", "html", "--tiny", "--out", "tiny.html", "--json"]),
  );
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /1,\d\d\d bytes: one QR code holds it \(2,953 bytes/);
  const [{ files, bytes, proof, inOneQrCode }] = JSON.parse(stdout).exports;
  assertEquals([files, inOneQrCode], [["tiny.html"], true]);
  assertEquals(bytes, (await Deno.stat(`${folder}/tiny.html`)).size);
  assert(proof.images > 0, stdout);

  const tiny = ["--tiny", "--out", "other.html"];
  const refused = await runIn(folder, [...ARGS, "--to", "html", ...tiny]);
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertMatch(
    refused.stderr,
    /must read 28×28 .*; write the page without --tiny/,
  );
  const usage = await runIn(folder, [...ARGS, "--to", "c", ...tiny]);
  assertEquals([usage.code, usage.stdout], [2, ""]);
  assertMatch(usage.stderr, /--tiny is a page's: --to must be html: it is c/);
  assert(!await exists(`${folder}/other.html`));
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
