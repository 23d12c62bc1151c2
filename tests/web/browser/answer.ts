import type { Page } from "playwright-core";

/** Waits until the page's first model can classify. */
export async function waitUntilReady(page: Page): Promise<void> {
  await page.locator("main[data-ready]").waitFor();
}

/**
 * The digit that the page shows once it has answered for what is drawn now: both
 * carry the number of the change that they belong to. Empty where nothing is drawn.
 */
export async function readAnswer(page: Page): Promise<string> {
  // Two frames, in which a change that just happened reaches the page.
  await page.evaluate(() =>
    new Promise<number>((done) =>
      requestAnimationFrame(() => requestAnimationFrame(done))
    )
  );
  await page.waitForFunction(() => {
    const revision = (id: string) =>
      document.querySelector<HTMLElement>(`[data-testid=${id}]`)?.dataset
        .revision;
    return revision("answer") !== undefined &&
      revision("answer") === revision("drawing");
  });
  return (await page.getByTestId("answer").textContent() ?? "").trim();
}

/** Presses the button of a sample of `digit`, and waits until it is shown. */
export async function showSample(page: Page, digit: number): Promise<void> {
  await page.getByTestId(`sample-${digit}`).press("Enter");
  // The samples are fetched when the first is asked for.
  await page.locator("[data-testid=drawing][data-index]").waitFor();
}

/** Name of the model that is chosen. */
export function readModel(page: Page): Promise<string> {
  return page.getByTestId("model").inputValue();
}

/** The picture that the model sees, `[28, 28]`, 255 being ink. */
export async function readSeen(page: Page): Promise<number[]> {
  await readAnswer(page);
  return await page.getByTestId("seen").evaluate((canvas) => {
    // A copy to read: canvases that are read become slow to draw on.
    const copy = new OffscreenCanvas(28, 28).getContext("2d");
    if (copy === null) throw new Error("There is no canvas to copy to");
    copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
    const { data } = copy.getImageData(0, 0, 28, 28);
    // The ink's colour is the page's; how much of it there is, is its opacity.
    return Array.from({ length: 784 }, (_, i) => data[4 * i + 3]);
  });
}
