import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { loadMnist } from "../../../core/data/mnist.ts";
import { load } from "../../../core/infer/load.ts";
import samples from "../../../web/static/data/samples.json" with {
  type: "json",
};
import { readAnswer, showSample, waitUntilReady } from "./answer.ts";
import { siteModel } from "./site_models.ts";
import { testPage } from "./test_page.ts";

/** What the page said of the test image of this number. */
interface Answered {
  index: number;
  answer: string;
}

/** Presses every sample button so often, and notes the answers. */
function pressSamples(page: Page, presses: number): Promise<Answered[]> {
  return page.evaluate(async (presses) => {
    const find = (id: string) => {
      const found = document.querySelector<HTMLElement>(`[data-testid=${id}]`);
      if (found === null) throw new Error(`the page has no ${id}`);
      return found;
    };
    const [drawing, answer] = [find("drawing"), find("answer")];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const answered: Answered[] = [];
    for (let digit = 0; digit < 10; digit++) {
      for (let press = 0; press < presses; press++) {
        const before = drawing.dataset.revision;
        find(`sample-${digit}`).click();
        while (
          drawing.dataset.revision === before ||
          answer.dataset.revision !== drawing.dataset.revision
        ) await frame();
        answered.push({
          index: Number(drawing.dataset.index),
          answer: answer.textContent?.trim() ?? "",
        });
      }
    }
    return answered;
  }, presses);
}

/** What `evaluate` finds for the test images of these numbers. */
async function evaluateSamples(name: string): Promise<Answered[]> {
  const { file } = siteModel(name);
  const bytes = await Deno.readFile(
    new URL(`../../../web/static${file}`, import.meta.url),
  );
  const { test } = await loadMnist();
  const model = load(bytes);
  return samples.indices.map((index) => {
    const image = test.images.slice(784 * index, 784 * (index + 1));
    const [answer] = model.classify(image).classes;
    return { index, answer: String(answer) };
  });
}

/** In the order of their numbers. */
function sorted(answered: Answered[]): Answered[] {
  return answered.toSorted((a, b) => a.index - b.index);
}

let evaluated: Promise<Answered[]> | undefined;

/** Images of each digit, of which a GPU that a processor plays shows some. */
const PRESSES = { webgpu: 5, wasm: 20, cpu: 20 } as const;

for (const backend of ["webgpu", "wasm", "cpu"] as const) {
  const presses = PRESSES[backend];
  testPage(
    `${
      10 * presses
    } test images get the classes on ${backend} in the page that \`evaluate\` gives`,
    { webgpu: backend === "webgpu" },
    async ({ page }) => {
      await page.goto("/?model=digits-99");
      await waitUntilReady(page);
      await page.getByLabel("Computed by").selectOption(backend);
      await page.locator(`[data-testid=backend][data-backend=${backend}]`)
        .waitFor();
      const expected = await (evaluated ??= evaluateSamples("digits-99"));
      const answered = await pressSamples(page, presses);
      const shown = new Set(answered.map(({ index }) => index));
      assertEquals(shown.size, 10 * presses);
      assertEquals(
        sorted(answered),
        sorted(expected.filter(({ index }) => shown.has(index))),
      );
      // A backend that fails is left for the plain path.
      const used = page.getByTestId("backend");
      assertEquals(await used.getAttribute("data-backend"), backend);
    },
  );
}

testPage("without a WebGPU adapter the page falls back, and says why", {
  webgpu: false,
}, async ({ page }) => {
  await page.goto("/");
  await waitUntilReady(page);
  // tfjs waits for the first answer, which is the plain path's.
  await showSample(page, 1);
  assertEquals(await readAnswer(page), "1");
  const reason = page.getByTestId("reason").filter({ hasText: "WebGPU" });
  assertMatch(await reason.innerText(), /adapter/);
  const used = page.getByTestId("backend");
  assertEquals(await used.getAttribute("data-backend"), "wasm");
});
