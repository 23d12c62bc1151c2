import { readRegularFile } from "../../core/files/read_regular_file.ts";

/** More bytes than any manifest has. */
const MOST_BYTES = 2 ** 20;

/** The text of the recipe at `path`, and what errors call it; undefined where none is given. */
export async function readRecipe(
  path: string | undefined,
): Promise<{ text: string; source: string } | undefined> {
  if (path === undefined) return undefined;
  const bytes = await readRegularFile(path, { limit: MOST_BYTES });
  return { text: new TextDecoder().decode(bytes), source: path };
}
