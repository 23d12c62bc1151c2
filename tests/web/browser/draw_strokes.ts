import type { Page } from "playwright-core";
import type { Point, Stroke } from "../../../core/data/drawing/drawing.ts";

/** What a person draws with. */
export type Pointer = "mouse" | "pen" | "touch";

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

/** Draws one movement with a pen or a finger, as a screen reports them. */
async function moveOnScreen(
  page: Page,
  pointer: "pen" | "touch",
  places: Place[],
): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const pen = (type: "Pressed" | "Moved" | "Released", [x, y]: Place) =>
    devtools.send("Input.dispatchMouseEvent", {
      ...{ type: `mouse${type}`, pointerType: "pen", x, y },
      ...{ button: "left", clickCount: 1, force: 0.5 },
    });
  const finger = (type: "Start" | "Move" | "End", at: Place[]) =>
    devtools.send("Input.dispatchTouchEvent", {
      type: `touch${type}`,
      touchPoints: at.map(([x, y]) => ({ x, y })),
    });
  const [first, ...rest] = places;
  const last = rest.at(-1) ?? first;
  if (pointer === "pen") {
    await pen("Pressed", first);
    await Promise.all(rest.map((place) => pen("Moved", place)));
    await pen("Released", last);
  } else {
    await finger("Start", [first]);
    await Promise.all(rest.map((place) => finger("Move", [place])));
    await finger("End", []);
  }
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
    await (pointer === "mouse"
      ? moveMouse(page, places)
      : moveOnScreen(page, pointer, places));
  }
}
