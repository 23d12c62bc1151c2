import { assert, assertEquals } from "@std/assert";
import { PAGES } from "./pages.ts";
import { siteModel } from "./site_models.ts";
import { testPage } from "./test_page.ts";

const options = { javaScriptEnabled: false };

testPage(
  "without JavaScript each page says what it shows, and links lead to the others",
  options,
  async ({ page }) => {
    for (const path of PAGES) {
      await page.goto(path);
      assertEquals(await page.locator("h1").count(), 1);
      assert((await page.locator("main").innerText()).length > 300, path);
      const links = await page.locator("nav a").evaluateAll((anchors) =>
        anchors.map((each) => each.getAttribute("href"))
      );
      for (const other of PAGES) assert(links.includes(other), `${other}`);
    }
  },
);

testPage(
  "without JavaScript the drawing page tells how good its model is",
  options,
  async ({ page }) => {
    await page.goto("/");
    const model = siteModel("digits-99");
    const text = (await page.locator("main").innerText()).replaceAll(",", "");
    assert(text.includes(String(model.bytes)), text);
    assert(text.includes((100 * model.accuracy.test).toFixed(2)), text);
  },
);

testPage(
  "without JavaScript the tradeoff page has its charts, its table and its data",
  options,
  async ({ page }) => {
    await page.goto("/tradeoff");
    const charts = page.locator("main figure svg[aria-label]:visible");
    assert(await charts.count() >= 4, `${await charts.count()} charts`);
    assert(await page.locator("main table tbody tr").count() > 10);
    for (const path of ["/api/study", "/api/study.csv"]) {
      assert(await page.locator(`a[href="${path}"]`).count() > 0, path);
      assertEquals((await page.request.get(path)).status(), 200);
    }
  },
);

testPage(
  "without JavaScript the inside page shows any model that its address names",
  options,
  async ({ page }) => {
    for (const name of ["digits-95", "digits-99"]) {
      await page.goto(`/inside?model=${name}`);
      const text = (await page.locator("main").innerText()).replaceAll(",", "");
      assert(text.includes(String(siteModel(name).bytes)), text);
      assert(await page.locator("main svg").count() > 3);
    }
  },
);

testPage("a page that there is none of says so, and leads back", {
  ...options,
  expected: /404/,
}, async ({ page }) => {
  const answer = await page.goto("/nowhere");
  assertEquals(answer?.status(), 404);
  await page.locator("nav a[href='/']").first().click();
  assertEquals(await page.locator("h1").count(), 1);
});
