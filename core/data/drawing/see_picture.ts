import type { ImageShape } from "../image_shape.ts";
import { convertImages } from "../formats/pictures/convert_images.ts";
import type { Picture } from "../formats/pictures/picture.ts";
import { readHandwriting } from "./read_handwriting.ts";

/** What a model reads. */
export interface SeenBy {
  /** Extent of its images, `[height, width, channels]`. */
  input: ImageShape;
  /** Names of its classes. */
  classNames: readonly string[];
}

/** One picture as a model sees it. */
export interface SeenPicture {
  /** `[height, width, channels]`, 0 to 255. */
  pixels: Uint8Array<ArrayBuffer>;
  /** Whether it was taken for handwriting: ink made light, cropped and centred. */
  handwriting: boolean;
}

/**
 * Whether a model reads single characters in MNIST's form: images of 28×28 greys,
 * and classes of one character each.
 */
export function readsHandwriting({ input, classNames }: SeenBy): boolean {
  return input.join() === "28,28,1" &&
    classNames.every((name) => [...name].length === 1);
}

/**
 * What a model sees of `picture`: of handwriting what {@linkcode readHandwriting}
 * makes, of anything else the whole picture at the size of the model's images, as
 * data are resized. null where no ink can be told from the paper. The command, the
 * site and exported pages have this from here.
 *
 * Throws a `RangeError` where the model reads other channels than 1 or 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { seePicture } from "./see_picture.ts";
 *
 * const picture = { shape: [1, 1, 1] as [1, 1, 1], pixels: Uint8Array.of(9) };
 * const seen = seePicture(picture, { input: [1, 2, 3], classNames: ["cat", "dog"] });
 * assertEquals(seen, { pixels: new Uint8Array(6).fill(9), handwriting: false });
 * assertEquals(seePicture(picture, { input: [28, 28, 1], classNames: ["0", "1"] }), null);
 * ```
 */
export function seePicture(
  picture: Picture,
  by: SeenBy,
): SeenPicture | null {
  const { input } = by;
  if (![1, 3].includes(input[2])) {
    throw new RangeError(
      `Cannot show a picture to this model: it must read 1 channel or 3: it reads ${
        input[2]
      }`,
    );
  }
  if (!readsHandwriting(by)) {
    const pixels = convertImages(picture.pixels, picture.shape, input);
    return { pixels, handwriting: false };
  }
  const seen = readHandwriting(picture);
  if (!seen) return null;
  const pixels = Uint8Array.from(seen, (value) => Math.round(255 * value));
  return { pixels, handwriting: true };
}
