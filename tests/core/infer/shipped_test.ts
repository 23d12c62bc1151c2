import { assert, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { peekDram } from "../../../core/infer/decode_dram.ts";
import {
  DRAM_BUDGET,
  type DramBudget,
} from "../../../core/infer/dram_budget.ts";
import { loadPlain } from "../../../core/infer/load_plain.ts";
import LOGITS from "./shipped_logits.json" with { type: "json" };

const root = new URL("../../../", import.meta.url);
const answers: Record<string, string> = LOGITS;

/** CRC-32 of the logits of two made-up images, half of whose pixels are 0, as the page reads a file. */
function hashLogits(bytes: Uint8Array): string {
  const { spec, classify } = loadPlain(bytes);
  const images = Uint8Array.from(
    { length: 2 * spec.input.reduce((a, b) => a * b) },
    (_, i) => i * 73 % 101 < 50 ? 0 : i * 37 % 256,
  );
  const { logits } = classify(images);
  return crc32(new Uint8Array(logits.buffer)).toString(16).padStart(8, "0");
}

for (const folder of ["models/compact/", "web/static/models/"]) {
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
      else loadPlain(bytes);
    }
    assert(seen > 5);
  });
}
