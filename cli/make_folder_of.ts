/** Makes the folder that the file at `path` is to lie in. */
export async function makeFolderOf(path: string): Promise<void> {
  const folder = path.replace(/[^/]*$/, "");
  if (folder !== "") await Deno.mkdir(folder, { recursive: true });
}
