import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeDram } from "../../core/compress/code/encode_dram.ts";
import { inspectDram } from "../../core/infer/inspect_dram.ts";
import { encodeShareLink } from "../../core/infer/share_link/encode_share_link.ts";
import { smallDram, smallModel } from "../core/infer/small_model.ts";
import { runInProcess } from "./capture.ts";

const folder = await Deno.makeTempDir();
const bytes = smallDram();
const path = `${folder}/small.dram`;
await Deno.writeFile(path, bytes);

Deno.test("dram says where a file's bytes go", async () => {
  const { code, stdout } = await runInProcess(["dram", path]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, `version 1, ${bytes.length} bytes`);
  assertMatch(stdout, /magic, version, length, checksum +7\.0 /);
  assertMatch(stdout, /3×3×1×5 +45 +5 bits × 0\.03 +(adaptive|fixed) /);
  assertMatch(stdout, /depthwiseConv2d 3×3\/2 same relu/);
});

Deno.test("dram --json is the inspection", async () => {
  const { code, stdout } = await runInProcess(["dram", path, "--json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout), { file: path, ...inspectDram(bytes) });
});

Deno.test("dram prints no label's control characters as they are", async () => {
  const labels = ["\u001b[2J\n", ..."123456789"];
  const file = `${folder}/labels.dram`;
  await Deno.writeFile(file, encodeDram({ ...smallModel(), labels }));
  const { stdout } = await runInProcess(["dram", file]);
  assertStringIncludes(stdout, "classes: \\u{1b}[2J\\u{a}, 1, 2");
});

Deno.test("dram makes a link of a file, and the same file of the link", async () => {
  const { stdout } = await runInProcess(["dram", path, "--link"]);
  assertMatch(stdout, /^[\w-]+\n$/);
  const link = `https://example.org/try#${stdout.trim()}`;
  const copy = `${folder}/copy.dram`;
  const { code } = await runInProcess(["dram", `<${link}>.`, "--out", copy]);
  assertEquals(code, 0);
  assertEquals(await Deno.readFile(copy), bytes);
});

Deno.test("dram reads a link of the site that holds a drawing too", async () => {
  const strokes = [{ points: [{ x: 14, y: 4 }, { x: 14, y: 24 }] }];
  const text = encodeShareLink({
    dram: bytes,
    drawing: { strokes, image: null },
  });
  const copy = `${folder}/drawn.dram`;
  await runInProcess(["dram", `https://example.org/#${text}`, "--out", copy]);
  assertEquals(await Deno.readFile(copy), bytes);
});

Deno.test("dram refuses a damaged file by name, and a link that holds none, and writes nothing", async () => {
  const damaged = `${folder}/damaged.dram`;
  await Deno.writeFile(damaged, bytes.subarray(0, -1));
  const outcome = await runInProcess(["dram", damaged]);
  assertEquals(outcome, {
    code: 1,
    stdout: "",
    stderr:
      `retort: Cannot read ${damaged}: it is cut short: it must have ${bytes.length} bytes: it has ${
        bytes.length - 1
      }\n`,
  });
  const out = `${folder}/none.dram`;
  const link = await runInProcess(["dram", "x#AAAA", "--out", out]);
  assertEquals(link.code, 1);
  assertStringIncludes(link.stderr, "it must hold a model behind its #");
  const cut = await runInProcess(["dram", "x#1yAJ", "--out", out]);
  assertEquals(cut.code, 1);
  assertStringIncludes(
    cut.stderr,
    "retort: Cannot read this link: it does not hold a whole model",
  );
  await runInProcess(["dram", damaged, "--out", out]);
  const written = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(written.includes("none.dram"), false);
});
