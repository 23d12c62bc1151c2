import { join, toFileUrl } from "@std/path";
import { listFiles } from "./list_files.ts";

/** Address of each file of a folder, by the path under which it is served, below `base`. */
export async function mapFiles(
  folder: string,
  base = "/",
): Promise<Record<string, string>> {
  const files = await listFiles(folder);
  return Object.fromEntries(files.map((file) => [
    toFileUrl(join(base, file)).pathname,
    toFileUrl(join(folder, file)).href,
  ]));
}
