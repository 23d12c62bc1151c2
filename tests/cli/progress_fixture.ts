/**
 * A program that reports five pieces of work, for progress_test.ts.
 *
 * @module
 */
import { defineCommand } from "../../cli/command.ts";
import { runCommandLine } from "../../cli/main.ts";

/** Prints a row after each piece, as `sweep` does. */
export const work = defineCommand({
  name: "work",
  about: "Works a little.",
  examples: [],
  options: {},
  async run(_values, io) {
    using progress = io.progress("students");
    for (let done = 0; done <= 5; done++) {
      progress.work({ done, total: 5, unit: "students", detail: "hidden 6" });
      if (done > 0) io.print(`row ${done}`);
      await new Promise((wake) => setTimeout(wake, 150));
    }
    io.printJson({ rows: 5 });
  },
});

const commands = {
  work: { summary: "work", load: () => Promise.resolve({ command: work }) },
};

if (import.meta.main) await runCommandLine(Deno.args, commands);
