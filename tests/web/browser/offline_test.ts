import { assert, assertEquals } from "@std/assert";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { PAGES } from "./pages.ts";
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
