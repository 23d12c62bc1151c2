/**
 * A program with three commands that never end by themselves, for
 * interrupt_test.ts: `save` stops when told to, `hang` does not, and `quick` has
 * nothing to save.
 *
 * @module
 */
import { defineCommand, type Io } from "../../cli/command.ts";
import { runCommandLine } from "../../cli/main.ts";

/** Says so once Deno, which does it in a thread of its own, heeds signals. */
async function sayReady(io: Io): Promise<void> {
  await new Promise((wake) => setTimeout(wake, 200));
  io.note("ready");
}

/** Resolves when `signal` is aborted; keeps the process alive till then. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await new Promise((wake) => setTimeout(wake, 20));
}

const save = defineCommand({
  name: "save",
  about: "Waits for an interrupt, then saves.",
  examples: [],
  options: {},
  savesOnInterrupt: true,
  async run(_values, io) {
    await sayReady(io);
    await untilAborted(io.signal);
    io.note("saved");
    throw io.signal.reason;
  },
});

const hang = defineCommand({
  name: "hang",
  about: "Waits for ever.",
  examples: [],
  options: {},
  savesOnInterrupt: true,
  async run(_values, io) {
    await sayReady(io);
    await untilAborted(new AbortController().signal);
  },
});

const quick = defineCommand({
  name: "quick",
  about: "Waits for ever, with nothing to save.",
  examples: [],
  options: {},
  async run(_values, io) {
    await sayReady(io);
    await untilAborted(new AbortController().signal);
  },
});

const commands = Object.fromEntries(
  [save, hang, quick].map((command) => [command.name, {
    summary: command.name,
    load: () => Promise.resolve({ command }),
  }]),
);

if (import.meta.main) await runCommandLine(Deno.args, commands);
