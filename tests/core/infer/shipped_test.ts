import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { decodeDram, peekDram } from "../../../core/infer/decode_dram.ts";
import {
  DRAM_BUDGET,
  type DramBudget,
} from "../../../core/infer/dram_budget.ts";
import { load } from "../../../core/infer/load.ts";
import { loadPlain } from "../../../core/infer/load_plain.ts";
import { isInteger } from "../../../core/models/integer.ts";
import LOGITS from "./shipped_logits.json" with { type: "json" };

const root = new URL("../../../", import.meta.url);
const answers: Record<string, string> = LOGITS;

/** A file as a page reads it: what is of real numbers by the smaller of two loaders. */
function read(bytes: Uint8Array) {
  return isInteger(decodeDram(bytes).spec.layers)
    ? load(bytes)
    : loadPlain(bytes);
}

/** CRC-32 of the logits of two made-up images, half of whose pixels are 0. */
function hashLogits(bytes: Uint8Array): string {
  const { spec, classify } = read(bytes);
  const images = Uint8Array.from(
    { length: 2 * spec.input.reduce((a, b) => a * b) },
    (_, i) => i * 73 % 101 < 50 ? 0 : i * 37 % 256,
  );
  const { logits } = classify(images);
  return crc32(new Uint8Array(logits.buffer)).toString(16).padStart(8, "0");
}

/** Folders of shipped files, and how many each has at least. */
const FOLDERS = [
  ["models/compact/", 6],
  ["models/exact/", 2],
  ["models/fashion-mnist/", 1],
  ["web/static/models/", 6],
] as const;

for (const [folder, least] of FOLDERS) {
  Deno.test(`every file of ${folder} fits the budget and gives the logits that it gave`, async () => {
    let seen = 0;
    for await (const { name } of Deno.readDir(new URL(folder, root))) {
      if (!name.endsWith(".dram")) continue;
      seen++;
      const bytes = await Deno.readFile(new URL(folder + name, root));
      const { cost } = peekDram(bytes);
      // With room: none is near what a reader refuses.
      for (const key of Object.keys(cost) as (keyof DramBudget)[]) {
        assert(
          cost[key] * 2 < DRAM_BUDGET[key],
          `${name}: ${key} ${cost[key]}`,
        );
      }
      // A model that is made anew has another name, and is no longer the one of the record.
      const expected = answers[folder + name];
      if (expected) assertEquals(hashLogits(bytes), expected, name);
      else read(bytes);
    }
    assert(seen >= least);
  });
}

for (
  const folder of ["models/compact/", "models/exact/", "models/fashion-mnist/"]
) {
  Deno.test(`each file of ${folder} lies beside its certificate and its manifest`, async () => {
    for await (const { name } of Deno.readDir(new URL(folder, root))) {
      if (!name.endsWith(".dram")) continue;
      const path = new URL(folder + name.replace(/\.dram$/, ""), root);
      const bytes = await Deno.readFile(`${fileURLToPath(path)}.dram`);
      const readJson = async (ending: string) =>
        JSON.parse(await Deno.readTextFile(`${fileURLToPath(path)}${ending}`));
      const { file } = await readJson(".certificate.json");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      assertEquals(file, { bytes: bytes.length, sha256 }, name);
      const { bytes: length, scores } = await readJson(".json");
      assertEquals(length, bytes.length, name);
      for (const part of ["validation", "test"]) {
        assert(scores[part].accuracy > 0.8, `${name}: ${part}`);
      }
    }
  });
}
