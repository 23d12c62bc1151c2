import { formatByName } from "../../core/models/formats/model_file.ts";

/**
 * Whether `path` is to be read as a `.dram` file: it is a file, and not called like
 * another model's. What the file system says of it is told by who reads it.
 */
export async function isDram(path: string): Promise<boolean> {
  if (formatByName(path) !== null) return false;
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
