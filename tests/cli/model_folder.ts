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

/** Copies every file of `from`, and none of its folders, into the folder `to`. */
export async function copyFolder(from: string, to: string): Promise<void> {
  for (const { name, isFile } of Deno.readDirSync(from)) {
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
