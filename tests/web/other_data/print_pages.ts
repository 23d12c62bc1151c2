// Prints the site's pages as JSON, by path: `deno run --import-map=MAP print_pages.ts`,
// where the map gives the site other data.
import { askSite } from "../ask_site.ts";

const PATHS = ["/", "/tradeoff", "/inside", "/inside?model=teacher"];

const pages: [string, string][] = [];
for (const path of [...PATHS, "/nowhere"]) {
  pages.push([path, await (await askSite(path)).text()]);
}
console.log(JSON.stringify(Object.fromEntries(pages)));
