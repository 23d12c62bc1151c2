import { pixelCount } from "../image_shape.ts";
import { toGrey } from "../formats/pictures/convert_images.ts";
import {
  checkExtent,
  MOST_PICTURE_BYTES,
  type Picture,
} from "../formats/pictures/picture.ts";

/** Side of the pieces by which pixels are read: browsers bound the extent of a canvas. */
const PIECE = 1024;

/** The colours among `data`, `[n, 4]` → `[n, 3]`: what is transparent was laid on white. */
function dropAlpha(data: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const colours = new Uint8Array(data.length / 4 * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    colours[to] = data[from];
    colours[to + 1] = data[from + 1];
    colours[to + 2] = data[from + 2];
  }
  return colours;
}

/** The pixels of `image`, colours or greys. */
function readPixels(image: ImageBitmap, channels: 1 | 3): Picture {
  const { width, height } = image;
  const shape: Picture["shape"] = [height, width, channels];
  const pixels = new Uint8Array(pixelCount(shape));
  const canvas = new OffscreenCanvas(
    Math.min(PIECE, width),
    Math.min(PIECE, height),
  );
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("Cannot read a picture: there is no canvas");
  context.fillStyle = "#fff";
  for (let top = 0; top < height; top += PIECE) {
    for (let left = 0; left < width; left += PIECE) {
      const wide = Math.min(PIECE, width - left);
      const tall = Math.min(PIECE, height - top);
      context.fillRect(0, 0, wide, tall);
      context.drawImage(image, left, top, wide, tall, 0, 0, wide, tall);
      const colours = dropAlpha(context.getImageData(0, 0, wide, tall).data);
      const piece = channels === 1 ? toGrey(colours) : colours;
      const line = wide * channels;
      for (let y = 0; y < tall; y++) {
        pixels.set(
          piece.subarray(y * line, (y + 1) * line),
          ((top + y) * width + left) * channels,
        );
      }
    }
  }
  return { shape, pixels };
}

/** Says that `file` can't be read, and why. */
function refuse(file: File, why: string): never {
  throw new Error(`Cannot read ${file.name || "the picture"}: ${why}`);
}

/**
 * Decodes the picture in `file` as a browser does, turned as its camera was held, in
 * colours or as greys; what is transparent lies on white, and colour profiles count for
 * nothing, as where data are read. Only for pages.
 *
 * Rejects with an `Error` that tells the user why there is no picture.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { openPicture } from "./open_picture.ts";
 *
 * await assertRejects(() => openPicture(new File([], "a.png"), 1), Error, "Cannot read a.png: it is empty");
 * ```
 */
export async function openPicture(
  file: File,
  channels: 1 | 3,
): Promise<Picture> {
  if (file.size === 0) refuse(file, "it is empty");
  if (file.size > MOST_PICTURE_BYTES) {
    const most = Math.floor(MOST_PICTURE_BYTES / 1e6);
    refuse(
      file,
      `it is too big: a picture may have ${most} MB, this has ${
        Math.ceil(file.size / 1e6)
      }`,
    );
  }
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file, { colorSpaceConversion: "none" });
  } catch {
    refuse(file, "it is no picture that this browser can show");
  }
  try {
    checkExtent(image.width, image.height);
    return readPixels(image, channels);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    refuse(file, `it is too big: ${error.message}`);
  } finally {
    image.close();
  }
}
