/**
 * A program whose command's library logs to standard output, for main_test.ts;
 * with `--reject` it also leaves an error that nobody awaits.
 *
 * @module
 */
import { defineCommand } from "../../cli/command.ts";
import { runCommandLine } from "../../cli/main.ts";

const answer = defineCommand({
  name: "answer",
  about: "Answers.",
  examples: [],
  options: { reject: { kind: "boolean", help: "leave an error unawaited" } },
  async run({ reject }, io) {
    console.log("a library's greeting");
    console.info("and another");
    if (reject) Promise.reject(new Error("Cannot reach the device"));
    await new Promise((wake) => setTimeout(wake, 50));
    io.print("text");
    io.printJson({ answer: 42 });
  },
});

const load = () => Promise.resolve({ command: answer });
if (import.meta.main) {
  const commands = { answer: { summary: "answer", load } };
  await runCommandLine(["answer", "--json", ...Deno.args], commands);
}
