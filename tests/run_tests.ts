/**
 * Runs all tests, as `deno task test`: those of commands, which change the folder
 * that they work in and so run one after another, and examples, beside all others,
 * which share the cores. Ends with 0 where both have passed.
 *
 * `--checked-by TASK` runs that task of deno.json beside them, as `deno task ok`
 * does: it checks types, so that tests are not checked again, and where it fails
 * they end at once.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";

const { "checked-by": checks } = parseArgs(Deno.args, {
  string: ["checked-by"],
});

/** Files of tests in `folder` itself. */
function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => join(folder, name));
}

const COMMANDS = ["tests/cli", "tests/torture", ...testsIn("tests")];

const PARTS = ["core", "site", "bench", "fresh", "web"]
  .map((name) => join("tests", name));

/** Ends what still runs once the checks have failed. */
const failed = new AbortController();

async function runDeno(...args: string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    signal: failed.signal,
  });
  return (await command.spawn().status).success;
}

async function runChecks(task: string): Promise<boolean> {
  const success = await runDeno("task", task);
  if (!success) failed.abort();
  return success;
}

const test = checks ? ["test", "-A", "--no-check"] : ["test", "-A"];
const ends = await Promise.all([
  ...(checks ? [runChecks(checks)] : []),
  runDeno(...test, ...COMMANDS),
  runDeno(...test, "--parallel", ...PARTS),
]);
if (!ends.every((success) => success)) Deno.exit(1);
