import type { Page } from "playwright-core";
import type { Point, Stroke } from "../../../core/data/drawing/drawing.ts";

/** What a person draws with. */
export type Pointer = "mouse" | "touch";

/** A place in the window, in CSS pixels. */
type Place = [x: number, y: number];

/**
 * Draws one movement with the mouse's first button held: faster than the screen
 * shows frames, as mice do, so that the browser puts many moves into one event.
 */
async function moveMouse(page: Page, [first, ...rest]: Place[]): Promise<void> {
  await page.mouse.move(...first);
  await page.mouse.down();
  await Promise.all(rest.map((place) => page.mouse.move(...place)));
  await page.mouse.up();
}

/** Draws one movement with a finger, from which the browser makes pointer events. */
async function moveFinger(page: Page, places: Place[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", at: Place[]) =>
    devtools.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: at.map(([x, y]) => ({ x, y })),
    });
  const [first, ...rest] = places;
  await touch("touchStart", [first]);
  await Promise.all(rest.map((place) => touch("touchMove", [place])));
  await touch("touchEnd", []);
  await devtools.detach();
}

/**
 * Draws `strokes`, whose unit is 1/28 of the canvas's side, on the page's canvas,
 * each point p at `scale` · p + `shift`.
 */
export async function drawStrokes(page: Page, strokes: Stroke[], options: {
  pointer?: Pointer;
  scale?: number;
  shift?: Point;
} = {}): Promise<void> {
  const { pointer = "mouse", scale = 1, shift = { x: 0, y: 0 } } = options;
  const canvas = page.getByTestId("canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (box === null) throw new Error("Cannot draw: the canvas isn't shown");
  for (const { points } of strokes) {
    const places = points.map(({ x, y }): Place => [
      box.x + (scale * x + shift.x) / 28 * box.width,
      box.y + (scale * y + shift.y) / 28 * box.height,
    ]);
    await (pointer === "mouse" ? moveMouse : moveFinger)(page, places);
  }
}
