/**
 * Writes `core/export/page_pictures_script.ts`, the code of `page_pictures.ts` as the
 * text that exported pages hold: `deno run -A tests/core/export/make_page_pictures.ts`,
 * after a change of what it imports.
 *
 * @module
 */
import { bundleForBrowser } from "../../bundle_for_browser.ts";

const FOLDER = new URL("../../../core/export/", import.meta.url);
/** Where the text is kept. */
export const SCRIPT = new URL("page_pictures_script.ts", FOLDER);

/** The source of that file. */
export async function makePagePictures(): Promise<string> {
  const bundle = await bundleForBrowser(new URL("page_pictures.ts", FOLDER));
  const text = new TextDecoder().decode(bundle).trim();
  if (/<\/script|<!--/i.test(text)) {
    throw new Error("Cannot write a script into a page: it would end there");
  }
  return `/** \`page_pictures.ts\` with all that it imports, which \`tests/core/export/make_page_pictures.ts\` writes. */
// deno-fmt-ignore
export const PAGE_PICTURES: string = ${JSON.stringify(text)};
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(SCRIPT, await makePagePictures());
}
