import { assertEquals } from "@std/assert";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { findViolations } from "./find_violations.ts";
import { LOOKS, PAGES } from "./pages.ts";
import { testPage } from "./test_page.ts";

for (const [look, options] of Object.entries(LOOKS)) {
  testPage(
    `axe finds nothing on any page, ${look}`,
    { ...options, expected: /404.*\/nowhere/ },
    async ({ page }) => {
      const found: string[] = [];
      for (const path of [...PAGES, "/nowhere"]) {
        await page.goto(path);
        if (path === "/") await waitUntilReady(page);
        const violations = await findViolations(page);
        found.push(...violations.map((each) => `${path}: ${each}`));
      }
      assertEquals(found, []);
    },
  );
}

testPage(
  "axe finds nothing once a digit is drawn and shared",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[3][0]);
    await readAnswer(page);
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByTestId("code").waitFor();
    assertEquals(await findViolations(page), []);
  },
);
