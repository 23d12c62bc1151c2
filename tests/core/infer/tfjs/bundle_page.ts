import { bundleForBrowser } from "../../../bundle_for_browser.ts";

/**
 * Bundles core/infer/tfjs/page.ts into `folder` as a page's build does: `page.js`
 * and what that imports when called.
 */
export async function bundlePage(folder: string): Promise<void> {
  const page = new URL("../../../../core/infer/tfjs/page.ts", import.meta.url);
  await bundleForBrowser(page, "--code-splitting", "--outdir", folder);
}
