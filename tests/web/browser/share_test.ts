import { assert, assertEquals } from "@std/assert";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, readSeen, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { dropFile } from "./drop_file.ts";
import { readShippedDram } from "./shipped_dram.ts";
import { testPage } from "./test_page.ts";

testPage(
  "a link carries the model and the drawing, and asks the server for neither",
  // It fetches models beforehand, to have them offline.
  { serviceWorkers: "block", expected: /blocked by Playwright/ },
  async ({ page, context, requests }) => {
    await page.goto("/?model=digits-98");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[6][0]);
    assertEquals(await readAnswer(page), "6");
    const input = await readSeen(page);
    await page.getByRole("button", { name: "Share" }).click();
    const link = await page.getByTestId("link").inputValue();
    await page.getByTestId("code").waitFor();

    const asked = requests.length;
    const other = await context.newPage();
    await other.goto(link);
    await waitUntilReady(other);
    assertEquals(await readAnswer(other), "6");
    assertEquals(await readSeen(other), input);
    const fetched = requests.slice(asked).map((each) => new URL(each).pathname);
    assert(fetched.length > 0);
    assertEquals(fetched.filter((path) => /^.(models|samples)/.test(path)), []);
  },
);

testPage(
  "a model file that is dropped on the page answers from then on",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[8][0]);
    await readAnswer(page);
    await dropFile(page, "mine.dram", await readShippedDram("digits-95"));
    await page.getByTestId("bytes").filter({ hasText: "250" }).waitFor();
    assertEquals(await readAnswer(page), "8");
  },
);

testPage(
  "a model file that is chosen by the file input answers from then on",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await page.getByTestId("file").setInputFiles({
      name: "mine.dram",
      mimeType: "application/octet-stream",
      buffer: await readShippedDram("digits-98"),
    });
    await page.getByTestId("bytes").filter({ hasText: "500" }).waitFor();
    await drawStrokes(page, DIGIT_STROKES[3][0]);
    assertEquals(await readAnswer(page), "3");
  },
);

testPage("a shared link is short enough to send", {}, async ({ page }) => {
  await page.goto("/?model=digits-95");
  await waitUntilReady(page);
  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();
  assert(link.length < 600, `${link.length} characters`);
});
