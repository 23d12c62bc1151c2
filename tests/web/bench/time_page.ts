/// <reference lib="dom" />
import type { Browser } from "playwright-core";
import type { Point } from "../../../core/data/drawing/drawing.ts";

/** How fast what a page asks for arrives. */
export interface Line {
  /** What it is called. */
  name: string;
  /** Bits a second; as fast as it goes where it is −1. */
  bitsPerSecond: number;
  /** Milliseconds until an answer begins. */
  latency: number;
}

/** One visit of a page. */
export interface Visit {
  /** From navigation to the first prediction that is shown, in ms. */
  milliseconds: number;
  /** What was predicted. */
  answer: string;
  /** Bytes of bodies that came until then. */
  transferred: number;
  /** The backend by which a page of stock tfjs predicted. */
  backend: string | null;
}

/**
 * Runs in the page before its scripts: draws `points` on the canvas, if there is
 * one, as soon as the page is ready, and keeps when the first answer appeared.
 */
function drawAndWatch(points: Point[]): void {
  /** Bytes of bodies that have come so far. */
  const transferred = () =>
    ["navigation", "resource"]
      .flatMap((type) => performance.getEntriesByType(type))
      .reduce((sum, each) => sum + Reflect.get(each, "encodedBodySize"), 0);
  // A made-up pointer can't be captured, and needn't be.
  Element.prototype.setPointerCapture = () => {};
  let drawn = false;
  const draw = (canvas: Element) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    const send = (type: string, { x, y }: Point) =>
      canvas.dispatchEvent(
        new PointerEvent(type, {
          bubbles: true,
          pointerId: 1,
          buttons: type === "pointerup" ? 0 : 1,
          clientX: left + x / 28 * width,
          clientY: top + y / 28 * width,
        }),
      );
    send("pointerdown", points[0]);
    for (const point of points.slice(1)) send("pointermove", point);
    send("pointerup", points[points.length - 1]);
  };
  const look = () => {
    const answer = document.querySelector("[data-testid=answer]");
    if (answer?.textContent?.trim() && !Reflect.has(globalThis, "answered")) {
      Reflect.set(globalThis, "answered", {
        milliseconds: performance.now(),
        transferred: transferred(),
      });
    }
    const canvas = document.querySelector("[data-testid=canvas]");
    if (drawn || !canvas || !document.querySelector("main[data-ready]")) return;
    drawn = true;
    draw(canvas);
  };
  new MutationObserver(look).observe(document, {
    attributes: true,
    characterData: true,
    childList: true,
    subtree: true,
  });
}

/**
 * Opens `url` in a profile without a cache, over `line`, and draws `points` there;
 * gives how long the first prediction took.
 */
export async function timePage(
  browser: Browser,
  url: string,
  { line, points }: { line: Line; points: Point[] },
): Promise<Visit> {
  // A service worker would fetch what is for later in the meantime.
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: line.latency,
      downloadThroughput: line.bitsPerSecond / 8,
      uploadThroughput: line.bitsPerSecond / 8,
    });
    await page.addInitScript(drawAndWatch, points);
    await page.goto(url, { waitUntil: "commit" });
    const answered = await page.waitForFunction(
      (): Pick<Visit, "milliseconds" | "transferred"> | undefined =>
        Reflect.get(globalThis, "answered"),
    );
    const measured = await answered.jsonValue();
    if (!measured) throw new Error(`Cannot time ${url}: it gave no answer`);
    const answer = await page.getByTestId("answer").textContent();
    return {
      ...measured,
      answer: (answer ?? "").trim(),
      backend: await page.locator("body").getAttribute("data-backend"),
    };
  } finally {
    await context.close();
  }
}
