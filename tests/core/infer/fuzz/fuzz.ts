// Fuzzes the decoders of .dram files and share links, and the direct path:
// `deno task fuzz --inputs 10000000 --seed 1 --json FILE`. Of several processes each
// takes a seed of its own. Exits with 1 where something was that must not be.
import { parseArgs } from "@std/cli/parse-args";
import { format } from "@std/fmt/duration";
import { describeCommit } from "../../../describe_commit.ts";
import { type FuzzReport, runFuzz } from "./run_fuzz.ts";

const HELP = `deno task fuzz [--inputs N] [--seed S] [--json FILE]

Draws N inputs (100000): .dram files written decision by decision under right
checksums, files changed in their bytes, cut short or made up, and share links.
Each must be refused with the right kind of error, in bounded time and memory,
or be decoded to a model that is the same when written and read again and whose
answers are finite. The report goes to stdout, and with --json to FILE.`;

const { inputs, seed, json, help } = parseArgs(Deno.args, {
  string: ["inputs", "seed", "json"],
  boolean: ["help"],
  default: { inputs: "100000", seed: "1" },
  unknown(argument: string) {
    console.error(`Cannot fuzz: unknown argument ${argument}\n\n${HELP}`);
    Deno.exit(2);
  },
});

/** The report with what it was made by. */
function describeRun(report: FuzzReport) {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit,
    deno: Deno.version.deno,
    cores: navigator.hardwareConcurrency,
    ...report,
  };
}

if (help) {
  console.log(HELP);
  Deno.exit(0);
}
const total = Number(inputs);
if (!Number.isInteger(total) || total < 1 || !/^\d+$/.test(seed)) {
  console.error(`Cannot fuzz: inputs and seed must be integers\n\n${HELP}`);
  Deno.exit(2);
}
const commit = await describeCommit();
const start = performance.now();
let told = start;
const report = runFuzz({
  inputs: total,
  seed: Number(seed),
  onProgress(done) {
    if (done % 1000 !== 0 && done !== total) return;
    const now = performance.now();
    if (now - told < 10_000 && done !== total) return;
    told = now;
    const rate = done / (now - start);
    const left = format(Math.round((total - done) / rate / 1000) * 1000, {
      ignoreZero: true,
    });
    console.error(
      `${done} of ${total} inputs, ${Math.round(rate * 1000)} a second, ${
        left || "nothing"
      } left`,
    );
  },
});
const text = JSON.stringify(describeRun(report), null, 2);
console.log(text);
if (json !== undefined) await Deno.writeTextFile(json, `${text}\n`);
if (report.violationCount > 0) Deno.exit(1);
