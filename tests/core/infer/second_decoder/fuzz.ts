// Asks both decoders of .dram files, ours and the one in dram.c, about files that were
// changed: `deno task fuzz:second --files 100000 --seed 1 --json FILE`. Exits with 1 where
// they differ.
import { parseArgs } from "@std/cli/parse-args";
import { describeCommit } from "../../../describe_commit.ts";
import { runSecond } from "./run_second.ts";
import {
  compileSecondDecoder,
  HAS_GCC,
  readShipped,
  SecondDecoder,
} from "./second_decoder.ts";

const HELP =
  `deno task fuzz:second [--files N] [--seed S] [--checked] [--json FILE]

Draws N .dram files (100000), nine of ten of them changed, most under right
checksums, and asks the decoder and a second one about each, which was written
in C from core/infer/DRAM.md alone (needs gcc). Both must refuse it, or read the
same layers, labels, costs and weights, and give the same logits: but for
rounding, of models of integers to the bit. --checked: the second is compiled with checks of its memory. The
report goes to stdout, and with --json to FILE.`;

/** Shipped files up to which length are changed: many an hour, not few. */
const MOST_BYTES = 3000;

const { files, seed, checked, json, help } = parseArgs(Deno.args, {
  string: ["files", "seed", "json"],
  boolean: ["help", "checked"],
  default: { files: "100000", seed: "1" },
  unknown(argument: string) {
    console.error(`Cannot fuzz: unknown argument ${argument}\n\n${HELP}`);
    Deno.exit(2);
  },
});
if (help) {
  console.log(HELP);
  Deno.exit(0);
}
const total = Number(files);
if (!Number.isInteger(total) || total < 1 || !/^\d+$/.test(seed)) {
  console.error(`Cannot fuzz: files and seed must be integers\n\n${HELP}`);
  Deno.exit(2);
}
if (!HAS_GCC) {
  console.error("Cannot fuzz: gcc must be there to compile dram.c; install it");
  Deno.exit(1);
}
const folder = await Deno.makeTempDir();
let differ: number;
try {
  await compileSecondDecoder(`${folder}/dram`, checked ? "checked" : "fast");
  await using second = new SecondDecoder(`${folder}/dram`);
  const start = performance.now();
  let told = start;
  const commit = await describeCommit();
  const report = await runSecond(second, {
    files: total,
    seed: Number(seed),
    shipped: readShipped().map(({ bytes }) => bytes)
      .filter(({ length }) => length <= MOST_BYTES),
    onProgress(done) {
      const now = performance.now();
      if (now - told < 10_000) return;
      told = now;
      const rate = done / (now - start) * 1000;
      const left = Math.round((total - done) / rate);
      console.error(
        `${done} of ${total} files, ${
          Math.round(rate)
        } a second, ${left} s left`,
      );
    },
  });
  differ = report.outcomes.differ;
  const date = new Date().toISOString().slice(0, 10);
  const text = JSON.stringify({ date, commit, ...report }, null, 2);
  console.log(text);
  if (json !== undefined) await Deno.writeTextFile(json, `${text}\n`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (differ > 0) Deno.exit(1);
