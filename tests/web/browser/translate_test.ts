import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, showSample, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { dropFile } from "./drop_file.ts";
import { readShippedDram } from "./shipped_dram.ts";
import { testPage } from "./test_page.ts";

/** What a browser does with a text node whose text it puts into another language. */
type Way = "replaced" | "wrapped";

/**
 * Translates the page as browsers do, into its own words: each text gets elements
 * around it, what is added later too. What one then reads must still be true.
 */
async function translate(page: Page, way: Way): Promise<void> {
  await page.evaluate((way) => {
    const KEPT =
      "font, script, style, noscript, svg, .notranslate, [translate=no]";
    const take = (root: Node) => {
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const found: Text[] = [];
      while (texts.nextNode()) found.push(texts.currentNode as Text);
      if (root instanceof Text) found.push(root);
      for (const text of found) {
        if (!text.data.trim() || text.parentElement?.closest(KEPT)) continue;
        const outer = document.createElement("font");
        const inner = document.createElement("font");
        outer.append(inner);
        text.replaceWith(outer);
        inner.append(way === "wrapped" ? text : text.data);
      }
    };
    take(document.body);
    new MutationObserver((changes) =>
      changes.forEach(({ addedNodes }) => addedNodes.forEach(take))
    ).observe(document.body, { childList: true, subtree: true });
  }, way);
}

/** What one reads in `main` now, without spaces, and but for how long an answer took. */
async function read(page: Page): Promise<string> {
  const text = await page.evaluate(() => {
    const main = document.querySelector("main");
    let text = main?.innerText ?? "";
    for (const menu of main?.querySelectorAll("select") ?? []) {
      // Of a menu one reads what is chosen.
      const chosen = menu.selectedOptions[0]?.text ?? "";
      text = text.replace(menu.innerText, chosen);
    }
    return text;
  });
  return text.replace(/(under )?[\d.]+ ms/g, "… ms").replace(/\s+/g, "");
}

/** Does what changes the drawing page's words and numbers; what one reads after each. */
async function useDrawing(page: Page): Promise<string[]> {
  const texts: string[] = [];
  const note = async () => {
    await readAnswer(page);
    texts.push(await read(page));
  };
  await page.getByLabel("Computed by").selectOption("cpu");
  await page.getByTestId("reason").filter({ hasText: "Chosen" }).waitFor();
  await drawStrokes(page, DIGIT_STROKES[2][0]);
  await note();
  const slider = page.getByTestId("slider");
  for (const key of ["Home", "ArrowRight", "End"]) {
    await slider.press(key);
    await note();
  }
  await dropFile(page, "mine.dram", await readShippedDram("digits-95"));
  await page.getByTestId("bytes").filter({ hasText: "250" }).waitFor();
  await note();
  await dropFile(
    page,
    "text.dram",
    await readShippedDram("digits-95").then((bytes) => bytes.subarray(9)),
  );
  await page.getByRole("alert").filter({ hasText: "can’t be run" }).waitFor();
  await note();
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Back to ours" }).click();
  await page.getByTestId("bytes").filter({ hasText: "1,192" }).waitFor();
  await showSample(page, 7);
  await note();
  await page.getByRole("button", { name: "Clear" }).click();
  await note();
  return texts;
}

/** The same for the charts' page. */
async function useTradeoff(page: Page): Promise<string[]> {
  const texts: string[] = [];
  const target = page.getByTestId("target");
  for (const key of ["Home", "End", "ArrowLeft", "Home"]) {
    await target.press(key);
    texts.push(await read(page));
  }
  await page.locator(".chart-frame:visible .point[tabindex='0']").first()
    .focus();
  const trial = page.getByTestId("trial");
  const titles = new Set<string>();
  for (const key of ["Home", "ArrowRight", "ArrowRight", "End"]) {
    await page.keyboard.press(key);
    titles.add(await trial.locator("h2").innerText());
    texts.push(await read(page));
  }
  assert(titles.size > 2);
  return texts;
}

const PATHS = { "/": useDrawing, "/tradeoff": useTradeoff };

for (const [path, use] of Object.entries(PATHS)) {
  testPage(
    `what one reads at ${path} stays true where the browser translates it`,
    { webgpu: false },
    async ({ page, context }) => {
      const open = async (visit: Page) => {
        await visit.goto(path);
        if (path !== "/") return;
        await waitUntilReady(visit);
        await visit.getByTestId("file").waitFor({ state: "attached" });
      };
      await open(page);
      const expected = await use(page);
      assert(new Set(expected).size > 4, "nothing changes");
      for (const way of ["replaced", "wrapped"] as const) {
        const other = await context.newPage();
        await open(other);
        await translate(other, way);
        const found = await use(other);
        found.forEach((text, step) =>
          assertEquals(
            text.split("."),
            expected[step].split("."),
            `${way}, step ${step}`,
          )
        );
        await other.close();
      }
    },
  );
}
