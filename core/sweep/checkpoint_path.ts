import { sha256Hex } from "../data/idx_file.ts";
import { CHECKPOINT_VERSION } from "../train/checkpoint.ts";
import type { Study } from "./study.ts";
import type { Trial } from "./trials.ts";

/**
 * The file that a cohort's state is kept in while it is unfinished. Another
 * version's has another name: it can't be gone on from.
 */
export async function checkpointPath(
  study: Study,
  cohort: Trial[],
): Promise<string> {
  const members = JSON.stringify([
    CHECKPOINT_VERSION,
    ...cohort.map(({ hidden, dropout, loss, seed }) => [
      hidden,
      dropout,
      loss,
      seed,
    ]),
  ]);
  const hash = await sha256Hex(new TextEncoder().encode(members));
  return `${study.path}.${hash.slice(0, 16)}.checkpoint`;
}
