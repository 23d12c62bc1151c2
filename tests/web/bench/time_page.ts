/// <reference lib="dom" />
import type { Browser, Page } from "playwright-core";
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
  const target = globalThis as typeof globalThis & { answered?: number };
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
    if (answer?.textContent?.trim()) target.answered ??= performance.now();
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

/** Bytes of bodies that have come to `page` from now on. */
function countBytes(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    sizes.push(
      request.sizes().then(({ responseBodySize }) => responseBodySize),
    );
  });
  return async () => (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
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
    const bytesSoFar = countBytes(page);
    await page.goto(url, { waitUntil: "commit" });
    const answered = await page.waitForFunction(
      () => Reflect.get(globalThis, "answered"),
    );
    const transferred = await bytesSoFar();
    const answer = await page.getByTestId("answer").textContent();
    return {
      milliseconds: Number(await answered.jsonValue()),
      answer: (answer ?? "").trim(),
      transferred,
      backend: await page.locator("body").getAttribute("data-backend"),
    };
  } finally {
    await context.close();
  }
}
