import {
  type Claim,
  claimFolder,
  claimPath,
} from "../../core/files/claim_folder.ts";
import { exists } from "../../core/files/exists.ts";
import type { OptionTable } from "../options/option.ts";

/** The option of every command that makes something where the user says. */
export const FORCE_OPTION = {
  force: { kind: "boolean", help: "replace what is there already" },
} as const satisfies OptionTable;

/** What a command is about to write. */
export interface PlannedOutput {
  /** The command's name. */
  command: string;
  /** The folder that it fills, or the file that it writes. */
  at: { folder: string } | { file: string };
  /** What it would replace, if that is there. */
  makes: readonly string[];
  /** Where it keeps its state: while any of it is there, it goes on with what it began. */
  unfinished?: readonly string[];
  /** Whether what it makes is to replace what is there. */
  force: boolean;
  /** The option that says where. */
  option?: string;
}

async function findFirst(
  paths: readonly string[],
): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path;
}

/**
 * Claims what a command is to write, before it does any work: until disposed of
 * no other writes there.
 *
 * A command replaces of its own accord only what it has itself begun there and not
 * finished: its state lies there, or it was killed there. All else that exists is
 * replaced with `force` alone. (What is drawn again from a study into the study's
 * own folder, and what a study adds to itself, is that study's: it is claimed,
 * and never refused for being there.)
 *
 * Throws a `ClaimedError` where another command writes there, and an `Error` where
 * something would be replaced.
 */
export async function claimOutput(
  { command, at, makes, unfinished = [], force, option = "--out" }:
    PlannedOutput,
): Promise<Claim> {
  const check = async (continues: boolean) => {
    if (force || continues || await findFirst(unfinished)) return;
    const existing = await findFirst(makes);
    if (existing === undefined) return;
    throw new Error(
      `Cannot write ${existing}: it exists already; name another with ${option}, or add --force`,
    );
  };
  return "folder" in at
    ? await claimFolder(at.folder, { command, check })
    : await claimPath(at.file, { command, check });
}

/** What a model folder is made of. */
export function modelFiles(folder: string): string[] {
  return ["model.json", "weights.bin", "manifest.json"]
    .map((name) => `${folder}/${name}`);
}
