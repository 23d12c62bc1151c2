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

const NAMES = TORTURE_CASES.map(({ name }) => name);
const HELP =
  `deno task torture [--kills N] [--seed S] [--only NAME]... [--json FILE]

Kills commands by SIGKILL at random moments, N times in all (200), runs each
again until it is done, and compares what it leaves with a run without a kill.
The record goes to stdout, and with --json to FILE.

NAME: ${NAMES.join(", ")}`;

function refuse(what: string): never {
  console.error(`Cannot torture: ${what}\n\n${HELP}`);
  Deno.exit(2);
}

const { kills, seed, json, only, help } = parseArgs(Deno.args, {
  string: ["kills", "seed", "json", "only"],
  boolean: ["help"],
  collect: ["only"],
  default: { kills: "200", seed: "1" },
  unknown: (argument: string) => refuse(`unknown argument ${argument}`),
});
if (help) {
  console.log(HELP);
  Deno.exit(0);
}
const total = Number(kills);
if (!Number.isInteger(total) || total < 1 || !/^\d+$/.test(seed)) {
  refuse("kills and seed must be integers");
}
const wanted: string[] = only;
const stranger = wanted.find((name) => !NAMES.includes(name));
if (stranger !== undefined) refuse(`there is no ${stranger}`);
const began = performance.now();
const record = await runTorture({
  kills: total,
  seed: Number(seed),
  cases: TORTURE_CASES.filter(({ name }) =>
    wanted.length === 0 || wanted.includes(name)
  ),
  onProgress(done, { name, violations }) {
    const minutes = (performance.now() - began) / 60_000;
    const left = Math.ceil(minutes / done * (total - done));
    console.error(
      `${done}/${total} kills, ${name}, ${left} min left${
        violations.map((each) => `\n  wrong: ${each}`).join("")
      }`,
    );
  },
});
const text = `${JSON.stringify(record, null, 2)}\n`;
if (json !== undefined) await writeAtomically(json, text);
console.log(text.trimEnd());
if (record.violationCount > 0) Deno.exit(1);
