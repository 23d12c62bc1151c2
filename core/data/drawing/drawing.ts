/** Side of the square that one draws on, and of the image that a model sees. */
export const CANVAS_SIDE = 28;

/**
 * Where the pen was: across from the canvas's left edge, down from its top, in
 * units of 1/28 of its side, whatever its size on the screen.
 */
export interface Point {
  /** From the left edge, 0 to 28. */
  x: number;
  /** From the top, 0 to 28. */
  y: number;
}

/** One movement of the pen from where it touched to where it was lifted. */
export interface Stroke {
  /** In the order in which they were drawn; one alone is a dot. */
  points: Point[];
}

/** What is on the canvas. */
export interface Drawing {
  /** In the order in which they were drawn. */
  strokes: Stroke[];
  /** An image under the strokes that covers the canvas, `[28, 28]`, 255 being ink. */
  image: Uint8Array<ArrayBuffer> | null;
}
