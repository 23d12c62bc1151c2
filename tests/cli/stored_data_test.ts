/**
 * Data that `--memory` has no room for, through commands that learn from it, prove on it,
 * search by it and compress for it: images in files give the numbers, and the files, of
 * images in memory.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { sha256Hex } from "../../core/data/formats/idx_file.ts";
import { runIn, writeDigits } from "./tiny_experiment.ts";

/** 900 images of 1,296 pixels have 1.11 MiB: more than 1, less than 512. */
const DATA = ["--data", "digits", "--image", "36x36x1", "--backend", "wasm"];
const BRIEFLY = [
  ...["--epochs", "1", "--quantised-epochs", "1", "--copies", "1"],
  ...["--batch", "32", "--examples", "96"],
];

/** Each command line, in the order in which one needs what another has made. */
const COMMANDS = {
  train: [
    ...["train", "--model", "lenet-300-100", "--epochs", "1"],
    ...["--batch", "64", "--out", "teacher"],
  ],
  import: ["import", "teacher/model.json", "--out", "imported"],
  sweep: [
    ...["sweep", "--teacher", "teacher", "--hidden", "2,4", "--seeds", "1"],
    ...["--epochs", "1", "--loss", "logit-mse", "--study", "widths"],
  ],
  search: [
    ...["search", "--teacher", "teacher", "--layers", "conv5x2/4,mean"],
    ...["--bits", "3", "--seeds", "1", "--study", "small", ...BRIEFLY],
  ],
  compact: [
    ...["compact", "--teacher", "teacher", "--layers", "conv5x2/4,mean"],
    ...["--bits", "3", "--out", "compact.dram", ...BRIEFLY],
  ],
  export: ["export", "compact.dram", "--to", "js", "--out", "compact.js"],
  "export to a folder": [
    ...["export", "compact.dram", "--to", "tfjs", "--out", "small"],
  ],
  compress: [
    ...["compress", "small", "--teacher", "teacher", "--rounds", "1"],
    ...["--copies", "1", "--epochs", "1", "--form-epochs", "1"],
    ...["--tries", "2", "--out", "compressed.dram"],
  ],
};

/** What they write besides, all of which is to be the same to the last byte. */
const WRITTEN = [
  ...["compact.dram", "compact.certificate.json", "compact.js"],
  ...["compressed.dram", "compressed.certificate.json"],
];

/** `value` without what differs from run to run, and the memory that a manifest's command line tells. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each) => {
    if (/seconds|date|milliseconds/i.test(key)) return undefined;
    return key === "command" ? each.replace(/ --memory \d+/, "") : each;
  }));
}

/** What each command says with `--memory` of so many MiB. */
async function runAll(memory: string, t: Deno.TestContext) {
  const folder = await Deno.makeTempDir({ prefix: "retort-stored-" });
  await writeDigits(`${folder}/digits`);
  const told: Record<string, unknown> = {};
  for (const [command, args] of Object.entries(COMMANDS)) {
    await t.step(`${command}, --memory ${memory}`, async () => {
      const { code, stdout, stderr } = await runIn(folder, [
        ...args,
        ...[...DATA, "--memory", memory, "--json"],
      ]);
      assertEquals(code, 0, stderr);
      told[command] = withoutTimes(JSON.parse(stdout));
    });
  }
  for (const name of WRITTEN) {
    told[name] = await sha256Hex(await Deno.readFile(`${folder}/${name}`));
  }
  await Deno.remove(folder, { recursive: true });
  return told;
}

Deno.test("what is made of data in parts is what is made of data in memory", async (t) => {
  const parts = await runAll("1", t);
  assertEquals(parts, await runAll("512", t));
});
