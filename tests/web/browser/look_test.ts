import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { LOOKS, PAGES } from "./pages.ts";
import { testPage } from "./test_page.ts";

/** What moved in the page since it began to load. */
function readShifts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    new Promise<string[]>((done) => {
      // Entries of the past come first, in one call, where there are any.
      const observer = new PerformanceObserver((list) =>
        done(list.getEntries().map((each) => JSON.stringify(each)))
      );
      observer.observe({ type: "layout-shift", buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => done([])));
    })
  );
}

/** The elements of the page that `change` moves, as markup. */
async function findMoved(
  page: Page,
  change: () => Promise<void>,
): Promise<string[]> {
  const before = await page.evaluateHandle(() =>
    [...document.querySelectorAll("body *")].map((element) => {
      const { x, y } = element.getBoundingClientRect();
      return { element, x, y };
    })
  );
  await change();
  return await before.evaluate((places) =>
    places.filter(({ element, x, y }) => {
      const place = element.getBoundingClientRect();
      return element.isConnected && (place.x !== x || place.y !== y);
    }).map(({ element }) => element.outerHTML.slice(0, 120))
  );
}

for (const [look, options] of Object.entries(LOOKS)) {
  testPage(
    `nothing moves while a page loads, or when a first digit is drawn, ${look}`,
    options,
    async ({ page }) => {
      for (const path of PAGES) {
        await page.goto(path);
        if (path === "/") {
          await page.getByTestId("file").waitFor({ state: "attached" });
        }
        assertEquals(await readShifts(page), [], path);
      }
      await page.goto("/");
      await page.getByTestId("file").waitFor({ state: "attached" });
      const moved = await findMoved(page, async () => {
        await drawStrokes(page, DIGIT_STROKES[2][0]);
        await readAnswer(page);
      });
      assertEquals(moved, []);
    },
  );

  testPage(
    `no page is wider than the window, ${look}`,
    options,
    async ({ page }) => {
      for (const path of PAGES) {
        await page.goto(path);
        const excess = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return Math.max(0, scrollWidth - clientWidth);
        });
        assertEquals(excess, 0, path);
      }
    },
  );
}

/** What a person sets who reads letters twice as large: in the browser, or by an extension. */
const LARGE_TEXT: Record<string, (page: Page) => Promise<unknown>> = {
  "by the browser": async (page) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Page.setFontSizes", {
      fontSizes: { standard: 32, fixed: 26 },
    });
  },
  "by a style": (page) =>
    page.addInitScript(() =>
      addEventListener(
        "DOMContentLoaded",
        () => document.documentElement.style.fontSize = "200%",
      )
    ),
};

for (const [way, enlarge] of Object.entries(LARGE_TEXT)) {
  testPage(
    `no page is wider than a phone where letters are twice as large, ${way}`,
    LOOKS.phone,
    async ({ page }) => {
      await enlarge(page);
      for (const path of PAGES) {
        await page.goto(path);
        if (path === "/") {
          await page.getByTestId("file").waitFor({ state: "attached" });
          await drawStrokes(page, DIGIT_STROKES[2][0]);
          await readAnswer(page);
        }
        const [excess, size] = await page.evaluate(() => {
          const { documentElement: root } = document;
          return [
            Math.max(0, root.scrollWidth - root.clientWidth),
            getComputedStyle(root).fontSize,
          ];
        });
        assertEquals([excess, size], [0, "32px"], path);
      }
    },
  );
}

testPage("nothing is animated where a person prefers reduced motion", {
  reducedMotion: "reduce",
}, async ({ page }) => {
  for (const path of PAGES) {
    await page.goto(path);
    if (path === "/") await waitUntilReady(page);
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationDuration, scrollBehavior } =
          getComputedStyle(element);
        return `${transitionDuration}, ${animationDuration}`.split(", ")
          .some((each) => parseFloat(each) > 0.001) ||
          scrollBehavior === "smooth";
      }).map((element) => element.outerHTML.slice(0, 80))
    );
    assertEquals(moving, [], path);
  }
});
