import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { UNKNOWN_SPLIT } from "../../../core/report/results_table.ts";
import { makeSite } from "../../../site/make_site.ts";
import type { SiteStudy } from "../../../site/site_data.ts";
import { writeSite } from "../../../site/write_site.ts";
import { openStudy } from "../../../core/study/study.ts";
import config from "../../../deno.json" with { type: "json" };
import { makeBars } from "../../core/bars.ts";
import { makeBarsStudy } from "../../core/bars_study.ts";

const root = new URL("../../../", import.meta.url);
const NAMES = ["charts", "inside", "models", "samples", "study"];

/** The site of a study of bars in a new folder, its study as `change` makes it. */
async function makeBarsSite(
  change: (study: SiteStudy) => void,
): Promise<string> {
  using sweep = openStudy(bars.path);
  const files = await makeSite({
    ...{ sweep, search: null, certified: [], teacher: bars.teacher },
    ...{ dataset: makeBars(), published: [], made: ["deno task site bars"] },
  });
  const out = await Deno.makeTempDir();
  await writeSite(out, files);
  const path = `${out}/data/study.json`;
  const study: SiteStudy = JSON.parse(await Deno.readTextFile(path));
  change(study);
  await Deno.writeTextFile(path, JSON.stringify(study));
  return out;
}

/** The pages of our site, by path, with the data that lies in `out`. */
async function readPages(out: string): Promise<Record<string, string>> {
  const imports = Object.fromEntries([
    ...Object.entries(config.imports).map(([name, to]) => [
      name,
      to.startsWith("./") ? new URL(to, root).href : to,
    ]),
    ...NAMES.map((name) => [
      new URL(`web/static/data/${name}.json`, root).href,
      `file://${out}/data/${name}.json`,
    ]),
  ]);
  const map = `${out}/map.json`;
  await Deno.writeTextFile(map, JSON.stringify({ imports }));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", `--import-map=${map}`],
      fileURLToPath(new URL("print_pages.ts", import.meta.url)),
    ],
    cwd: fileURLToPath(root),
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array<ArrayBuffer>) =>
    new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr));
  return JSON.parse(text(stdout));
}

/** What a reader sees of `html`, in one line. */
function seenIn(html: string): string {
  return html.replace(/<(script|svg)\b[^]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, "").replaceAll("&#39;", "'").replace(/\s+/g, " ");
}

/** What `html` says beside, to those who hear it, and to search engines. */
function namesIn(html: string): string[] {
  const attribute =
    /\b(?:aria-label|aria-valuetext|alt|title|content)="([^"]*)"/g;
  return [...html.matchAll(attribute)].map(([, words]) => words);
}

/** What only MNIST's site may say. */
const OURS = /mnist|digit|handwrit|10,000|few hundred bytes|fits in a link/i;

const bars = await makeBarsStudy();

Deno.test("pages of other data that can be drawn speak of it, by its own numbers", async () => {
  const out = await makeBarsSite((study) => {
    // The pages are rendered, and no model is run: they would be those of any size.
    study.images = { shape: [28, 28, 1], classes: 3 };
    study.result.teacher.split = "unknown";
  });
  const pages = await readPages(out);
  for (const [path, html] of Object.entries(pages)) {
    for (const words of [seenIn(html), ...namesIn(html)]) {
      assertEquals(words.match(OURS), null, path);
    }
    assert(!html.includes(out), path);
    assert(namesIn(html).length > 3, path);
  }
  const draw = seenIn(pages["/"]);
  assertStringIncludes(draw, "of the 24 test images of bars correctly");
  assertStringIncludes(draw, "from the bars test set");
  assertStringIncludes(draw, "keys 0 to 2 show a test image");
  assertStringIncludes(pages["/"], 'aria-label="Test image of class 2"');
  assert(!pages["/"].includes("sample-3"));
  const bars = pages["/"].match(/<ol class="draw-bars[^]*?<\/ol>/)?.[0] ?? "";
  assertEquals(bars.match(/<li/g)?.length, 3);
  const tradeoff = seenIn(pages["/tradeoff"]);
  assertStringIncludes(
    tradeoff,
    "bars: 96 images to train, 24 to choose by, 24 to report.",
  );
  assert(!/published models/i.test(tradeoff), tradeoff);
  const inside = seenIn(pages["/inside"]);
  assertStringIncludes(inside, "images of bars into 3 classes");
  for (const page of [tradeoff, inside]) {
    assertStringIncludes(page, UNKNOWN_SPLIT);
  }
});

Deno.test("what can't be drawn is said not to be; of a recorded split nothing is said", async () => {
  const pages = await readPages(await makeBarsSite(() => {}));
  const draw = seenIn(pages["/"]);
  assertStringIncludes(draw, "read images of bars, of 8×8×1");
  assert(!pages["/"].includes("<canvas"));
  assert(!OURS.test(draw), draw);
  for (const html of Object.values(pages)) {
    assert(!seenIn(html).includes(UNKNOWN_SPLIT));
  }
});
