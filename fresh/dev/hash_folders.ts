import { join } from "@std/path";
import { createHash } from "node:crypto";
import { listFiles } from "./list_files.ts";

/** A short hash of the names and contents of all files of some folders. */
export async function hashFolders(
  ...folders: readonly string[]
): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const file of await listFiles(folder)) {
      hash.update(file).update(await Deno.readFile(join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
