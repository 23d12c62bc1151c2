import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { readModel, waitUntilReady } from "./answer.ts";
import { siteModel, siteModels } from "./site_models.ts";
import { testPage } from "./test_page.ts";

/** Bytes of the smallest file that is as accurate as `target` on validation images. */
function smallestBytes(target: number): number {
  const fits = siteModels.filter(({ accuracy, family }) =>
    family !== "teacher" && accuracy.validation >= target
  );
  return Math.min(...fits.map(({ bytes }) => bytes));
}

/** The length that the page gives as the smallest file's. */
async function readSmallest(page: Page): Promise<number> {
  const text = await page.getByTestId("smallest").innerText();
  return Number(text.match(/([\d,]+) bytes/)?.[1].replaceAll(",", ""));
}

testPage(
  "the accuracy asked for finds the smallest file, by the slider and by the handle",
  {},
  async ({ page }) => {
    await page.goto("/tradeoff");
    const slider = page.getByTestId("target");
    const handle = page.locator(".chart-frame:visible .target.ready").first();
    await handle.waitFor();
    for (const key of ["Home", "PageUp", "PageUp"]) {
      await slider.press(key);
      const target = Number(await slider.inputValue());
      assertEquals(await readSmallest(page), smallestBytes(target));
    }
    const before = await slider.inputValue();
    await handle.scrollIntoViewIfNeeded();
    const box = await handle.boundingBox();
    if (box === null) throw new Error("The handle isn't shown");
    const [x, y] = [box.x + box.width / 2, box.y + 6];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 20, y);
    await page.mouse.up();
    const target = Number(await slider.inputValue());
    assert(target > Number(before), `${target} after ${before}`);
    assertEquals(await readSmallest(page), smallestBytes(target));
  },
);

testPage(
  "pointing at a mark shows its trial, and choosing it draws with its model",
  {},
  async ({ page }) => {
    await page.goto("/tradeoff");
    const mark = page.locator(
      ".chart-frame:visible a.point[href$='model=digits-99']",
    ).first();
    await mark.hover();
    const trial = page.getByTestId("trial");
    await trial.getByText("3,482").waitFor();
    const { bytes } = siteModel("digits-99");
    const text = (await trial.innerText()).replaceAll(",", "");
    assert(text.includes(String(bytes)), text);
    await mark.click();
    await waitUntilReady(page);
    assertEquals(await readModel(page), "digits-99");
  },
);

testPage(
  "by keyboard a chart is one stop, its marks are the arrow keys', Enter draws",
  {},
  async ({ page }) => {
    await page.goto("/tradeoff");
    const stops = page.locator(".chart-frame:visible .point[tabindex='0']");
    await stops.first().waitFor();
    assertEquals(
      await stops.count(),
      await page.locator(".chart-frame:visible").count(),
    );
    await stops.first().focus();
    const trial = page.getByTestId("trial");
    const titles = new Set<string>();
    for (const key of ["Home", "ArrowRight", "ArrowRight", "ArrowUp"]) {
      await page.keyboard.press(key);
      titles.add(await trial.locator("h2").innerText());
    }
    assert(titles.size > 1);
    const chosen = page.locator(".point:focus");
    const href = await chosen.getAttribute("href");
    assertNotEquals(href, null);
    await page.keyboard.press("Enter");
    await waitUntilReady(page);
    assertEquals(`/?model=${await readModel(page)}`, href);
  },
);
