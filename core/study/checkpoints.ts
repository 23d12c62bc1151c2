import { basename, dirname, join } from "node:path";
import { sha256Hex } from "../data/formats/idx_file.ts";
import { CHECKPOINT_VERSION } from "../train/checkpoint.ts";
import type { Study } from "./study.ts";
import type { StudyFormat } from "./study_format.ts";

/**
 * The file beside `study` that keeps where a training stands while it is unfinished;
 * `identity`, plain data, tells trainings apart. Another version's has another name:
 * it can't be gone on from.
 */
export async function checkpointPath(
  study: Study<StudyFormat>,
  identity: readonly unknown[],
): Promise<string> {
  const text = JSON.stringify([CHECKPOINT_VERSION, ...identity]);
  const hash = await sha256Hex(new TextEncoder().encode(text));
  return `${study.path}.${hash.slice(0, 16)}.checkpoint`;
}

/**
 * Removes what stopped trials have left beside `study`, once nothing is left that
 * could go on from it: groups planned otherwise since, with fewer students for
 * example, or what a kill came too early to remove.
 */
export async function removeCheckpoints(
  study: Study<StudyFormat>,
): Promise<void> {
  if (study.has("planned", "failed")) return;
  const folder = dirname(study.path);
  const checkpoint = /\.checkpoint(\.[\w-]+\.tmp)?$/;
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${basename(study.path)}.`) && checkpoint.test(name)) {
      await Deno.remove(join(folder, name));
    }
  }
}
