/**
 * A command line in a process of its own, which kills itself, as `kill -9` would,
 * when it is about to rename a file to a path with the first argument in it.
 *
 * @module
 */
import { runCommandLine } from "../../cli/main.ts";

const [part, ...args] = Deno.args;
const rename = Deno.rename;
Deno.rename = (from, to) => {
  if (`${to}`.includes(part)) Deno.kill(Deno.pid, "SIGKILL");
  return rename(from, to);
};
await runCommandLine(args);
