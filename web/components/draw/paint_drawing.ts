import {
  CANVAS_SIDE,
  type Drawing,
} from "../../../core/data/drawing/drawing.ts";
import { PEN_WIDTH } from "../../../core/data/drawing/pen.ts";
import { paintPixels } from "./paint_pixels.ts";

/** Paints `drawing` over all of a square canvas of `side` pixels, in `ink`. */
export function paintDrawing(
  context: CanvasRenderingContext2D,
  side: number,
  { drawing, ink }: { drawing: Drawing; ink: string },
): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, side, side);
  if (drawing.image) {
    const shares = Float32Array.from(drawing.image, (value) => value / 255);
    paintPixels(context, side, { pixels: shares, ink });
  }
  const scale = side / CANVAS_SIDE;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.strokeStyle = ink;
  context.lineWidth = PEN_WIDTH;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const { points: [first, ...rest] } of drawing.strokes) {
    if (!first) continue;
    context.beginPath();
    context.moveTo(first.x, first.y);
    // A line of no length is a dot, where its caps are round.
    for (const { x, y } of rest.length ? rest : [first]) context.lineTo(x, y);
    context.stroke();
  }
}
