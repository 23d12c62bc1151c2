import { fileURLToPath } from "node:url";

/**
 * A module with all that it imports, as one minified script for browsers; with
 * `options` of `deno bundle` that write files, nothing, and more modules at once.
 */
export async function bundleForBrowser(
  modules: URL | URL[],
  ...options: string[]
): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform", "browser"],
      ...options,
      ...[modules].flat().map((module) => fileURLToPath(module)),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}
