import { join } from "@std/path";
import { listFiles } from "./list_files.ts";

/** The modules of a folder by path without extension. */
export async function listModules(
  folder: string,
): Promise<Record<string, string>> {
  const files = (await listFiles(folder)).filter((file) =>
    /\.tsx?$/.test(file) && !/[._]test\.tsx?$/.test(file)
  );
  return Object.fromEntries(
    files.map((file) => [file.replace(/\.tsx?$/, ""), join(folder, file)]),
  );
}
