import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { smallDram } from "../core/infer/small_model.ts";
import { type Outcome, runProcess } from "./capture.ts";

const ROOT = new URL("../../", import.meta.url);
const elsewhere = await Deno.realPath(await Deno.makeTempDir());
await Deno.writeFile(`${elsewhere}/small.dram`, smallDram());

/** Runs a command as its task does, in the root, typed in `folder`. */
function runTyped(
  folder: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return runProcess(args, { cwd: ROOT, env: { INIT_CWD: folder, ...env } });
}

Deno.test("a path is one from where the user stands, and is told as it was typed", async () => {
  const folder = fileURLToPath(new URL("tests/cli", ROOT));
  const file = "../../models/compact/digits-98.dram";
  const { code, stdout } = await runTyped(folder, ["dram", file, "--json"]);
  assertEquals([code, JSON.parse(stdout).file], [0, file]);
  const missing = await runTyped(folder, ["evaluate", "../models/none.dram"]);
  assertEquals(missing, {
    code: 1,
    stdout: "",
    stderr:
      "retort: Cannot read ../models/none.dram: there is no such file or folder; check the path\n",
  });
});

Deno.test("Retort's own folders stay in the root, wherever the user stands", async () => {
  const folder = fileURLToPath(new URL("tests/cli", ROOT));
  const args = ["frontier", "--study", "none-such"];
  const { code, stderr } = await runTyped(folder, args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "no ../../studies/none-such/study.db;");
});

Deno.test("what is written lies where the user stands; a folder elsewhere is one too", async () => {
  const { stdout } = await runTyped(elsewhere, [
    ...["dram", "small.dram", "--link"],
  ]);
  const args = ["dram", `#${stdout.trim()}`, "--out", "copy.dram"];
  assertEquals((await runTyped(elsewhere, args)).code, 0);
  assertEquals(await Deno.readFile(`${elsewhere}/copy.dram`), smallDram());
});

Deno.test("the folder of an npm script that has gone on to the root isn't the user's", async () => {
  const args = ["dram", "models/compact/digits-98.dram", "--json"];
  const env = { npm_lifecycle_event: "build" };
  assertEquals((await runTyped(elsewhere, args, env)).code, 0);
  // Nor is a folder that is no longer there, or no folder at all.
  assertEquals((await runTyped("/no/such/folder", args)).code, 0);
  assertEquals((await runTyped("tests", args)).code, 0);
});

Deno.test("a program that is run in another folder than the root stays there", async () => {
  const { code } = await runProcess(["dram", "small.dram"], {
    cwd: elsewhere,
    env: { INIT_CWD: fileURLToPath(ROOT) },
  });
  assertEquals(code, 0);
});

Deno.test("a task that is typed in a subfolder finds what is there", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "dram", "digits-98.dram", "--json"],
    cwd: new URL("models/compact/", ROOT),
    env: { INIT_CWD: fileURLToPath(new URL("models/compact", ROOT)) },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  assertEquals(JSON.parse(decoder.decode(stdout)).file, "digits-98.dram");
});
