// Fuzzes the decoder of .dram files: `deno task fuzz --inputs 100000 --seed 1`.
// Prints a report as JSON; exits with 1 where something was that must not be.
import { parseArgs } from "@std/cli/parse-args";
import { type Extreme, runFuzz } from "./run_fuzz.ts";

const { inputs, seed } = parseArgs(Deno.args, {
  string: ["inputs", "seed"],
  default: { inputs: "100000", seed: "1" },
});
const report = runFuzz({
  inputs: Number(inputs),
  seed: Number(seed),
  onProgress(done) {
    if (done % 10_000 === 0) console.error(`${done} inputs`);
  },
});
const shorten = (extreme: Extreme) => ({
  ...extreme,
  hex: extreme.hex.slice(0, 200),
});
console.log(JSON.stringify(
  {
    ...report,
    slowest: shorten(report.slowest),
    largest: shorten(report.largest),
  },
  null,
  2,
));
if (report.violations.length > 0) Deno.exit(1);
