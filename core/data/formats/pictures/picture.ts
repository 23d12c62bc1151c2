import { pixelCount } from "../../image_shape.ts";
import { toColour } from "./convert_images.ts";

/** One picture: grey or colours, as bytes. */
export interface Picture {
  /** `[height, width, channels]`, 1 channel or 3. */
  shape: [number, number, 1 | 3];
  /** `[height, width, channels]`, 0 to 255. */
  pixels: Uint8Array<ArrayBuffer>;
}

/** Bytes that a picture's file may have. */
export const MOST_PICTURE_BYTES = 2 ** 28;

/** Pixels that a picture may have: 8,192 by 8,192. */
export const MOST_PIXELS = 2 ** 26;

/** Throws a `SyntaxError` for an extent that no picture has, before memory is taken for it. */
export function checkExtent(width: number, height: number): void {
  if (width >= 1 && height >= 1 && width * height <= MOST_PIXELS) return;
  throw new SyntaxError(
    `it must have 1 to ${
      MOST_PIXELS.toLocaleString("en")
    } pixels: it says ${width} × ${height}`,
  );
}

/** `picture` as one grey a pixel where all its colours are greys. */
export function simplifyColours({ shape, pixels }: Picture): Picture {
  const [height, width, channels] = shape;
  if (channels === 1) return { shape, pixels };
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) {
      return { shape, pixels };
    }
  }
  const grey = new Uint8Array(pixelCount([height, width, 1]));
  for (let i = 0; i < grey.length; i++) grey[i] = pixels[3 * i];
  return { shape: [height, width, 1], pixels: grey };
}

/** The pixels of `picture` in colours, whatever it is. */
export function colourPixels({ shape, pixels }: Picture): Uint8Array {
  return shape[2] === 3 ? pixels : toColour(pixels);
}
