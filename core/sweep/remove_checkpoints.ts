import { basename, dirname, join } from "node:path";
import type { Study } from "./study.ts";

/**
 * Removes what stopped trials have left beside `study`, once nothing is left that
 * could go on from it: cohorts planned otherwise since, with fewer students for
 * example, or what a kill came too early to remove.
 */
export async function removeCheckpoints(study: Study): Promise<void> {
  const unfinished = study.database
    .prepare("SELECT 1 FROM trial WHERE state IN ('planned', 'failed')").get();
  if (unfinished) return;
  const folder = dirname(study.path);
  const checkpoint = /\.checkpoint(\.[\w-]+\.tmp)?$/;
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${basename(study.path)}.`) && checkpoint.test(name)) {
      await Deno.remove(join(folder, name));
    }
  }
}
