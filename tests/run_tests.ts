/**
 * Runs all tests, as `deno task test`: those of commands, which change the folder
 * that they work in and so run one after another, and examples, beside all others,
 * which share the cores. Ends with 0 where both have passed.
 *
 * @module
 */
import { join } from "@std/path";

/** Files of tests in `folder` itself. */
function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => join(folder, name));
}

const COMMANDS = ["tests/cli", "tests/torture", ...testsIn("tests")];

const PARTS = ["core", "site", "bench", "fresh", "web"]
  .map((name) => join("tests", name));

function runTests(...args: string[]): Promise<Deno.CommandStatus> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", ...args],
    stdin: "null",
  });
  return command.spawn().status;
}

const ends = await Promise.all([
  runTests(...COMMANDS),
  runTests("--parallel", ...PARTS),
]);
if (!ends.every(({ success }) => success)) Deno.exit(1);
