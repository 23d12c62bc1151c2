import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { PAGES } from "./pages.ts";
import { siteModel } from "./site_models.ts";
import { testPage } from "./test_page.ts";

testPage(
  "after one visit every page opens offline, and a drawing is recognised",
  {},
  async ({ page, context }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await context.setOffline(true);
    for (const path of [...PAGES, "/"]) {
      await page.goto(path);
      assert((await page.locator("main").innerText()).length > 300, path);
    }
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[9][0]);
    assertEquals(await readAnswer(page), "9");
  },
);

/** How much the site's caches hold. */
function countKept(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const lists = (await caches.keys()).map(async (name) =>
      (await (await caches.open(name)).keys()).length
    );
    return (await Promise.all(lists)).reduce((a, b) => a + b);
  });
}

testPage(
  "hundreds of addresses that are asked for and that the site hasn't leave nothing in its caches",
  { expected: /404/ },
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await page.getByTestId("offline").filter({ hasText: "Works offline" })
      .waitFor();
    // A page that the worker answers for.
    await page.reload();
    await waitUntilReady(page);
    await page.getByTestId("offline").filter({ hasText: "Works offline" })
      .waitFor();
    assert(
      await page.evaluate(() => navigator.serviceWorker.controller !== null),
    );
    const before = await countKept(page);
    assert(before > 20, `${before} are kept`);
    const answers = await page.evaluate(async (model) => {
      const paths = Array.from({ length: 500 }, (_, i) => [
        `${model}?${i}`,
        ...i % 5 ? [] : [`/?x=${i}`, `/styles.css?${i}`, `/nowhere-${i}`],
      ]).flat();
      const counts: Record<number, number> = {};
      while (paths.length > 0) {
        await Promise.all(
          paths.splice(0, 20).map(async (path) => {
            const { status } = await fetch(path);
            counts[status] = (counts[status] ?? 0) + 1;
          }),
        );
      }
      return counts;
    }, siteModel("digits-95").file);
    assertEquals(answers, { 200: 700, 404: 100 });
    assertEquals(await countKept(page), before);
    await page.evaluate(
      (file) => fetch(file).then(() => {}),
      siteModel("teacher").file,
    );
    assertEquals(await countKept(page), before + 1);
  },
);

/** A picture that a manifest names. */
interface Icon {
  src: string;
  sizes: string;
  type: string;
}

testPage(
  "the site installs as an app, with icons that load at the sizes that it says",
  {},
  async ({ page, context }) => {
    await page.goto("/");
    await waitUntilReady(page);
    const devtools = await context.newCDPSession(page);
    const { errors } = await devtools.send("Page.getAppManifest");
    assertEquals(errors, []);
    const { installabilityErrors } = await devtools.send(
      "Page.getInstallabilityErrors",
    );
    // A test's profile is a private window, in which nothing is installed.
    assertEquals(
      installabilityErrors.map(({ errorId }) => errorId)
        .filter((id) => id !== "in-incognito"),
      [],
    );
    const href = await page.locator("link[rel=manifest]").getAttribute("href");
    const { icons }: { icons: Icon[] } =
      await (await page.request.get(href ?? "")).json();
    for (const { src, sizes, type } of icons) {
      const [width, kind] = await page.evaluate(async (src) => {
        const kind = (await fetch(src)).headers.get("content-type");
        const image = new Image();
        image.src = src;
        await image.decode();
        return [image.naturalWidth, kind];
      }, src);
      assertEquals(kind, type);
      if (sizes !== "any") assertEquals(`${width}x${width}`, sizes);
    }
  },
);
