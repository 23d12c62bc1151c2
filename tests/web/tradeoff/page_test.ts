/// <reference lib="dom" />
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { testPage } from "../browser/test_page.ts";

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** Opens the page, and waits until its charts listen. */
async function openTradeoff(page: Page): Promise<void> {
  await page.goto("/tradeoff");
  await page.locator(".chart .target.ready").first().waitFor({
    state: "attached",
  });
}

/** The middle of an element, in the window. */
async function middleOf(element: Locator): Promise<{ x: number; y: number }> {
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await element.boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

testPage(
  "pointing near a mark shows its trial, on every chart",
  DESKTOP,
  async ({ page }) => {
    await openTradeoff(page);
    const point = page.locator(
      "#steps .chart-wide [data-point=file-digits-99]",
    );
    const { x, y } = await middleOf(point);
    await page.mouse.move(x, y + 6);
    const text = await page.getByTestId("trial").innerText();
    assert(text.includes("digits-99"), text);
    assert(text.includes("1,192 bytes"), text);
    for (const chart of ["steps", "bytes", "parameters"]) {
      const marked = page.locator(`#${chart} .chart-wide .point.pointed`);
      assertEquals(
        await marked.getAttribute("data-point"),
        "file-digits-99",
        chart,
      );
    }
  },
);

testPage(
  "choosing a mark takes its model to the drawing page",
  DESKTOP,
  async ({ page }) => {
    await openTradeoff(page);
    const point = page.locator(
      "#bytes .chart-wide [data-point=file-digits-98]",
    );
    const { x, y } = await middleOf(point);
    await page.mouse.click(x, y);
    await page.waitForURL("**/?model=digits-98");
  },
);

testPage(
  "the slider and the chart's handle are one, and give the smallest model",
  DESKTOP,
  async ({ page }) => {
    await openTradeoff(page);
    const slider = page.getByTestId("target");
    const readSmallest = () => page.getByTestId("smallest").innerText();
    const before = await readSmallest();
    await slider.fill("0.98");
    const handle = page.locator("#steps .chart-wide .target");
    const moved = await handle.getAttribute("transform");
    assertNotEquals(await readSmallest(), before);

    await page.locator("#steps").scrollIntoViewIfNeeded();
    const { x, y } = await middleOf(handle.locator(".grip"));
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 60, y, { steps: 3 });
    await page.mouse.up();
    assert(Number(await slider.inputValue()) < 0.98);
    assertNotEquals(await handle.getAttribute("transform"), moved);
    assert(await page.locator("#steps .chart-wide .point.answer").count() > 0);

    await slider.fill("0.995");
    assert((await readSmallest()).includes("No file of ours reaches it."));
  },
);

testPage(
  "each chart is one tab stop, and arrow keys go from point to point",
  DESKTOP,
  async ({ page }) => {
    await openTradeoff(page);
    for (const name of ["steps", "hidden-units"]) {
      const chart = page.locator(`#${name} .chart-wide`);
      assertEquals(await chart.locator("[tabindex='0']").count(), 1);
      await chart.locator("[tabindex='0']").focus();
      const keyOf = () =>
        page.evaluate(() => document.activeElement?.getAttribute("data-point"));
      await page.keyboard.press("Home");
      const first = await keyOf();
      await page.keyboard.press("ArrowRight");
      const second = await keyOf();
      assertNotEquals(second, first);
      await page.keyboard.press("ArrowLeft");
      assertEquals(await keyOf(), first);
      await page.keyboard.press("End");
      const words = await page.evaluate(() =>
        document.activeElement?.getAttribute("aria-label")
      );
      const [title] = words!.split(": test ");
      const shown = await page.getByTestId("trial").innerText();
      assert(title.startsWith(shown.split("\n")[0]), `${title}: ${shown}`);
      assertEquals(await chart.locator("[tabindex='0']").count(), 1);
    }
  },
);

testPage(
  "on a phone a first tap shows the trial, a second takes its model",
  PHONE,
  async ({ page }) => {
    await openTradeoff(page);
    const point = page.locator(
      "#bytes .chart-narrow [data-point=file-digits-99]",
    );
    const { x, y } = await middleOf(point);
    await page.touchscreen.tap(x, y);
    await page.getByTestId("trial").getByText("1,192 bytes").waitFor();
    assertEquals(new URL(page.url()).pathname, "/tradeoff");
    await page.getByRole("button", { name: "Close" }).click();
    assertEquals(await page.locator(".point-panel.open").count(), 0);
    await page.touchscreen.tap(x, y);
    await page.getByTestId("trial").getByText("1,192 bytes").waitFor();
    await page.touchscreen.tap(x, y);
    await page.waitForURL("**/?model=digits-99");
  },
);

testPage(
  "charts can be read at 360 px: no text below 11 px, nothing to scroll sideways",
  { viewport: { width: 360, height: 740 } },
  async ({ page }) => {
    await openTradeoff(page);
    const least = await page.evaluate(() => {
      const texts = document.querySelectorAll<SVGTextElement>(".chart text");
      const sizes = [...texts].flatMap((text) => {
        const scale = text.getScreenCTM()?.a ?? 0;
        const shown = text.getBoundingClientRect().width > 0;
        return shown ? scale * parseFloat(getComputedStyle(text).fontSize) : [];
      });
      return Math.min(...sizes);
    });
    assert(least >= 11, `${least} px`);
    const beyond = await page.evaluate(() =>
      document.documentElement.scrollWidth - innerWidth
    );
    assert(beyond <= 0, `${beyond} px`);
  },
);
