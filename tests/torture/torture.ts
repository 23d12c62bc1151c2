/**
 * Kills every command that writes, and compares what it leaves with a run without a
 * kill: `deno task torture --kills 200 --seed 1 --json FILE`. Prints the record;
 * exits with 1 where something was that must not be.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { writeAtomically } from "../../core/files/write_atomically.ts";
import { TORTURE_CASES } from "./cases.ts";
import { runTorture } from "./run_torture.ts";

const { kills, seed, json, only } = parseArgs(Deno.args, {
  string: ["kills", "seed", "json", "only"],
  default: { kills: "200", seed: "1" },
});
const began = performance.now();
const record = await runTorture({
  kills: Number(kills),
  seed: Number(seed),
  cases: TORTURE_CASES.filter(({ name }) =>
    only === undefined || name === only
  ),
  onProgress(done, { name, violations }) {
    const minutes = (performance.now() - began) / 60_000;
    const left = Math.ceil(minutes / done * (Number(kills) - done));
    console.error(
      `${done}/${kills} kills, ${name}, ${left} min left${
        violations.map((each) => `\n  wrong: ${each}`).join("")
      }`,
    );
  },
});
const text = `${JSON.stringify(record, null, 2)}\n`;
if (json !== undefined) await writeAtomically(json, text);
console.log(text.trimEnd());
if (record.cases.some(({ violations }) => violations.length > 0)) Deno.exit(1);
