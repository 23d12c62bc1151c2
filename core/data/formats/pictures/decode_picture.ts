import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePng } from "./decode_png.ts";
import type { Picture } from "./picture.ts";

/**
 * Reads the PNG or JPEG in `bytes`, told by its first bytes, whatever the file's name.
 *
 * Rejects with a `SyntaxError` for anything else, and for what is malformed.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { decodePicture } from "./decode_picture.ts";
 *
 * await assertRejects(() => decodePicture(new TextEncoder().encode("GIF89a")), SyntaxError, "PNG or JPEG");
 * ```
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Picture> {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePng(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return await decodeJpeg(bytes);
  throw new SyntaxError(
    bytes.length === 0
      ? "it must be a PNG or JPEG: it is empty"
      : "it must be a PNG or JPEG: it begins otherwise; convert it",
  );
}
