import { assert, assertEquals, assertMatch } from "@std/assert";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, readModel, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { siteModel, siteModels } from "./site_models.ts";
import { testPage } from "./test_page.ts";

testPage(
  "the slider swaps the model under a drawing, and the address names it",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[0][0]);
    const first = await readModel(page);
    const slider = page.getByTestId("slider");
    const answers = [await readAnswer(page)];
    const seen = new Set([first]);
    for (const key of ["Home", "End"]) {
      await slider.press(key);
      const name = await readModel(page);
      // The address follows when the file is here, and the model answers.
      await page.waitForURL(({ searchParams }) =>
        searchParams.get("model") === name
      );
      answers.push(await readAnswer(page));
      seen.add(name);
    }
    assert(seen.size > 1);
    assert(answers.every((each) => each !== ""), answers.join());
    assertEquals(answers.at(-1), "0");
  },
);

testPage(
  "each stop of the slider is a smaller file than the next, and as its facts say",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[1][0]);
    const slider = page.getByTestId("slider");
    await slider.press("Home");
    const names: string[] = [];
    const sizes: number[] = [];
    const stops = siteModels.filter(({ frontier }) => frontier);
    for (const _ of stops) {
      await readAnswer(page);
      names.push(await readModel(page));
      const bytes = await page.getByTestId("bytes").textContent() ?? "";
      sizes.push(Number(bytes.replaceAll(",", "")));
      await slider.press("ArrowRight");
    }
    assertEquals(names, stops.map(({ name }) => name));
    assertEquals(sizes, stops.map(({ bytes }) => bytes));
  },
);

testPage(
  "the teacher says its size, is loaded when asked, and answers beside",
  // Its requests would be beyond the throttle below.
  { serviceWorkers: "block", expected: /blocked by Playwright/ },
  async ({ page, context, requests }) => {
    const teacher = siteModel("teacher");
    await page.goto("/");
    await waitUntilReady(page);
    await drawStrokes(page, DIGIT_STROKES[5][0]);
    await readAnswer(page);
    const load = page.getByTestId("teacher").getByRole("button");
    assertMatch(await load.textContent() ?? "", /\d\s?(kB|MB)/);
    assert(!requests.some((each) => each.endsWith(teacher.file)));
    const network = await context.newCDPSession(page);
    const throttle = (downloadThroughput: number) =>
      network.send("Network.emulateNetworkConditions", {
        ...{ offline: false, latency: 0, uploadThroughput: -1 },
        downloadThroughput,
      });
    await network.send("Network.enable");
    await throttle(teacher.bytes / 4); // bytes a second
    await load.click();
    const progress = page.getByTestId("teacher").locator("progress");
    await progress.and(page.locator("[value]:not([value='0'])")).waitFor();
    await throttle(-1);
    const answer = page.getByTestId("teacher-answer");
    await answer.filter({ hasText: /\d/ }).waitFor();
    assertMatch(await answer.textContent() ?? "", /5/);
    assert(requests.some((each) => each.endsWith(teacher.file)));
  },
);

testPage(
  "a page's address picks its model; a name that there is none of is told",
  {
    expected: /404/,
  },
  async ({ page }) => {
    const other = siteModel("digits-95");
    await page.goto(`/?model=${other.name}`);
    await waitUntilReady(page);
    assertEquals(await readModel(page), other.name);
    const answer = await page.goto("/?model=nobody");
    assertEquals(answer?.status(), 404);
  },
);
