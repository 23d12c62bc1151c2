import { Buffer } from "node:buffer";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { readAnswer, readModel, showSample, waitUntilReady } from "./answer.ts";
import { dropFile } from "./drop_file.ts";
import { PAGES } from "./pages.ts";
import { readShippedDram } from "./shipped_dram.ts";
import { testPage } from "./test_page.ts";

/** What has the focus: its test id or its text, and whether one sees that it does. */
interface Focused {
  name: string;
  visible: boolean;
}

/** Where the Tab key leads from here, until it leaves the page. */
async function tabThrough(page: Page): Promise<Focused[]> {
  const stops: Focused[] = [];
  for (let presses = 0; presses < 400; presses++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate((): Focused | null => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return null;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(
        focused,
      );
      const { width, height } = focused.getBoundingClientRect();
      return {
        name: focused.getAttribute("data-testid") ??
          (focused.id || focused.textContent?.trim() ||
            focused.outerHTML.slice(0, 120)),
        visible: width > 0 && height > 0 &&
          (outlineStyle !== "none" && parseFloat(outlineWidth) > 0 ||
            boxShadow !== "none"),
      };
    });
    if (stop === null) return stops;
    stops.push(stop);
  }
  throw new Error("The Tab key never leaves the page");
}

/** Presses Tab until `target` has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = () =>
    target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 400; presses++) {
    if (await isThere()) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The Tab key never comes to ${target}`);
}

testPage(
  "the Tab key stops at every control, and one sees where",
  {},
  async ({ page }) => {
    for (const path of PAGES) {
      await page.goto(path);
      if (path === "/") await waitUntilReady(page);
      const stops = await tabThrough(page);
      const unseen = stops.filter(({ visible }) => !visible);
      assertEquals(unseen, [], path);
      if (path !== "/") continue;
      const names = stops.map(({ name }) => name);
      for (
        const name of ["canvas", "sample-0", "slider", "draw-backend", "Share…"]
      ) assert(names.includes(name), `${name} isn't in ${names.join(", ")}`);
    }
  },
);

testPage(
  "with the keyboard alone one picks a sample, a model and a backend, and shares",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await tabTo(page, page.getByTestId("sample-7"));
    await showSample(page, 7);
    assertEquals(await readAnswer(page), "7");
    await tabTo(page, page.getByTestId("slider"));
    const before = await readModel(page);
    await page.keyboard.press("Home");
    await readAnswer(page);
    assertNotEquals(await readModel(page), before);
    await tabTo(page, page.getByLabel("Computed by"));
    await page.keyboard.press("End");
    await page.locator("[data-testid=backend][data-backend=cpu]").waitFor();
    assertEquals(await readAnswer(page), "7");
    await tabTo(page, page.getByRole("button", { name: "Share" }));
    await page.keyboard.press("Enter");
    await page.getByTestId("link").waitFor();
  },
);

/** Where the focus is: a button's words, or the kind of element. */
function readFocus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const focused = document.activeElement;
    return (focused?.localName === "button" && focused.textContent) ||
      focused?.localName || "nothing";
  });
}

testPage(
  "what is pressed and goes, or can't be done any more, doesn't lose the focus to the page",
  {},
  async ({ page }) => {
    const press = async (button: Locator) => {
      await button.focus();
      await page.keyboard.press("Enter");
      await readAnswer(page);
    };
    const button = (name: string) => page.getByRole("button", { name });
    await page.goto("/");
    await waitUntilReady(page);
    for (const name of ["Undo", "Clear"]) {
      await showSample(page, 7);
      while (await button(name).isEnabled()) await press(button(name));
      assertEquals(await readFocus(page), name);
      const before = await page.getByTestId("drawing").getAttribute(
        "data-index",
      );
      await press(button(name));
      assertEquals(before, null, "pressed again, it does nothing");
    }
    await dropFile(page, "text.dram", Buffer.from("no model"));
    await button("Close").waitFor();
    await press(button("Close"));
    assertEquals(await readFocus(page), "canvas");
    await dropFile(page, "mine.dram", await readShippedDram("digits-95"));
    await button("Back to ours").waitFor();
    await press(button("Back to ours"));
    await button("Back to ours").waitFor({ state: "detached" });
    assertEquals(await readFocus(page), "canvas");
    await press(button("Compare with the teacher"));
    await page.getByTestId("teacher-answer").waitFor();
    assertEquals(await readFocus(page), "section");

    // Where the window is small, the panel lies over the charts and can be closed.
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/tradeoff");
    await page.locator(".chart-frame:visible .point[tabindex='0']").first()
      .focus();
    const close = page.getByTestId("trial").getByRole("button");
    await close.focus();
    await page.keyboard.press("Enter");
    await close.waitFor({ state: "detached" });
    assertEquals(await readFocus(page), "main");
  },
);

testPage(
  "the first stop leads past the navigation to the content",
  {},
  async ({ page }) => {
    for (const path of PAGES) {
      await page.goto(path);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assertEquals(
        await page.evaluate(() => {
          const main = document.querySelector("main");
          return main?.contains(document.activeElement) ||
            location.hash === `#${main?.id}`;
        }),
        true,
        path,
      );
    }
  },
);
