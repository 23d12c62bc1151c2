import { join, toFileUrl } from "@std/path";
import { listFiles } from "./list_files.ts";

/** Address of each file of a folder, by the path under which it is served. */
export async function mapFiles(
  folder: string,
): Promise<Record<string, string>> {
  const files = await listFiles(folder);
  return Object.fromEntries(files.map((file) => [
    toFileUrl(join("/", file)).pathname,
    toFileUrl(join(folder, file)).href,
  ]));
}
