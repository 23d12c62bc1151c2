import { assert, assertEquals } from "@std/assert";
import type { CDPSession, Page } from "playwright-core";
import { DIGIT_STROKES } from "../../core/data/drawing/digit_strokes.ts";
import { readAnswer, waitUntilReady } from "./answer.ts";
import { drawStrokes } from "./draw_strokes.ts";
import { testPage } from "./test_page.ts";

/** How many objects of a class `name` of the page are alive. */
async function countLive(devtools: CDPSession, name: string): Promise<number> {
  const { result: prototype } = await devtools.send("Runtime.evaluate", {
    expression: `${name}.prototype`,
    objectGroup: "count",
  });
  const { objects } = await devtools.send("Runtime.queryObjects", {
    prototypeObjectId: prototype.objectId ?? "",
    objectGroup: "count",
  });
  const { result } = await devtools.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: "function () { return this.length; }",
  });
  await devtools.send("Runtime.releaseObjectGroup", { objectGroup: "count" });
  return result.value;
}

/** What is alive on the device and in the page, once rubbish is collected. */
async function countAll(page: Page): Promise<Record<string, number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const counts: Record<string, number> = {};
  for (const name of ["GPUBuffer", "HTMLCanvasElement", "Element"]) {
    counts[name] = await countLive(devtools, name);
  }
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return { ...counts, heap: usedSize };
}

async function drawDigits(page: Page, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await drawStrokes(page, DIGIT_STROKES[3 + time % 5][0]);
    await readAnswer(page);
    await page.getByRole("button", { name: "Clear" }).click();
  }
}

testPage(
  "drawing on and on leaves nothing behind, on the device or in the page",
  {},
  async ({ page }) => {
    await page.goto("/");
    await waitUntilReady(page);
    await page.getByLabel("Computed by").selectOption("webgpu");
    await page.locator("[data-testid=backend][data-backend=webgpu]").waitFor();
    await drawDigits(page, 4);
    const { heap: heapBefore, ...before } = await countAll(page);
    await drawDigits(page, 8);
    const { heap, ...after } = await countAll(page);
    assert(before.GPUBuffer > 0);
    assertEquals(after, before);
    // Some compiled code and caches; 8 digits are dozens of answers.
    assert(
      heap - heapBefore < 2e6,
      `the heap grew by ${heap - heapBefore} bytes`,
    );
  },
);
