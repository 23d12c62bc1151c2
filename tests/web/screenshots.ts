/**
 * Takes the documents' pictures of the site: every page on a desktop, on a phone and
 * in the dark, with a digit on the drawing page; `deno task screenshots`. Letters
 * are drawn with the fonts of the machine that it runs on.
 *
 * @module
 */
import type { Browser } from "playwright-core";
import { DIGIT_STROKES } from "../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./browser/answer.ts";
import { launchChromium } from "./browser/chromium.ts";
import { drawStrokes } from "./browser/draw_strokes.ts";
import { LOOKS } from "./browser/pages.ts";
import { serveSite } from "./browser/serve_site.ts";

const FOLDER = new URL("../../web/screenshots/", import.meta.url);

/** By name in the pictures' files: each page, and what stands at the window's top. */
const VIEWS = {
  draw: { path: "/", top: "body" },
  tradeoff: { path: "/tradeoff", top: "main figure" },
  inside: { path: "/inside", top: "body" },
};

/** Writes the picture of one page in one look, and tells its size. */
async function takeScreenshot(
  browser: Browser,
  origin: string,
  name: keyof typeof VIEWS,
  look: keyof typeof LOOKS,
): Promise<void> {
  const context = await browser.newContext({
    ...LOOKS[look],
    baseURL: origin,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const { path, top } = VIEWS[name];
  await page.goto(path);
  if (name === "draw") {
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[3][0]);
    await readAnswer(page);
    await page.mouse.move(0, 0);
  }
  await page.locator(top).first().evaluate((element) => {
    element.scrollIntoView();
    scrollBy(0, -24);
  });
  const file = `${name}-${look}.webp`;
  // Half as long as a PNG, and as sharp.
  const picture = await page.screenshot({ type: "webp", quality: 90 });
  await Deno.writeFile(new URL(file, FOLDER), picture);
  console.log(`${file}: ${(picture.length / 1000).toFixed(1)} kB`);
  await context.close();
}

const { origin, stop } = await serveSite();
// Without WebGPU, so that the pictures are the same on every machine.
const browser = await launchChromium({ webgpu: false });
try {
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const name of ["draw", "tradeoff", "inside"] as const) {
    for (const look of ["desktop", "phone", "dark"] as const) {
      await takeScreenshot(browser, origin, name, look);
    }
  }
} finally {
  await browser.close();
  await stop();
}
