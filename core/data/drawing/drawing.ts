/** Side of the square that one draws on, and of the image that a model sees. */
export const CANVAS_SIDE = 28;

/**
 * Where the pen was: across from the canvas's left edge, down from its top, in
 * units of 1/28 of its side, whatever its size on the screen.
 */
export interface Point {
  x: number;
  y: number;
}

/** One movement of the pen from where it touched to where it was lifted. */
export interface Stroke {
  points: Point[];
}

/** What is on the canvas. */
export interface Drawing {
  strokes: Stroke[];
  /** An image under the strokes that covers the canvas, `[28, 28]`, 255 being ink. */
  image: Uint8Array<ArrayBuffer> | null;
}
