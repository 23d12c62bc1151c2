import type { Command } from "./command.ts";

/** Where a command is found, without loading it. */
export interface CommandEntry {
  /** What it does, in one line. */
  summary: string;
  load: () => Promise<{ command: Command }>;
}

/** All commands by name, in the order in which --help lists them. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  summary: {
    summary: "print a model's layers and what each costs",
    load: () => import("./summary.ts"),
  },
  doctor: {
    summary: "check the device, its backends and the data",
    load: () => import("./doctor.ts"),
  },
};
