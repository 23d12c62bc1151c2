import { fileURLToPath } from "node:url";

/**
 * Bundles core/infer/tfjs/page.ts into `folder` as a page's build does: `page.js`
 * and what that imports when called.
 */
export async function bundlePage(folder: string): Promise<void> {
  const page = "../../../../core/infer/tfjs/page.ts";
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform", "browser"],
      ...["--code-splitting", "--outdir", folder],
      fileURLToPath(new URL(page, import.meta.url)),
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
