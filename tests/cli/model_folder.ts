import type { Manifest } from "../../core/models/manifest.ts";

/** The names of what a folder holds, sorted. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
}

/** The files of a model folder, and no other. */
export const MODEL_FILES = ["manifest.json", "model.json", "weights.bin"];

/** The manifest of the model in `folder`. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(Deno.readTextFileSync(`${folder}/manifest.json`));
}
