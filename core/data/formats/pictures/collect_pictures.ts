import { cleanText } from "../../../text/clean_text.ts";
import { type ImageShape, pixelCount } from "../../dataset.ts";
import type { RawPart, ReadingOptions } from "../format.ts";
import { convertImages, toColour } from "./convert_images.ts";
import { decodePicture } from "./decode_picture.ts";
import type { Picture } from "./picture.ts";

/** Bytes that all pixels of a part may have together. */
const MOST_BYTES = 2 ** 32;
/** Broken pictures that an error or a note names. */
const NAMED = 5;

/** A picture's file as it was read, or what kept it from being read. */
export interface PictureFile {
  /** What errors call it. */
  name: string;
  bytes: Uint8Array<ArrayBuffer> | Error;
  /** Place of its class. */
  label: number;
}

/** The pixels of all pictures of a part, which has room for more of them. */
interface Album {
  shape: ImageShape;
  images: Uint8Array<ArrayBuffer>;
  /** The first picture, which others must be like. */
  first: string;
}

function openAlbum(
  picture: Picture,
  { count, name, image, where }: {
    count: number;
    name: string;
    image?: ImageShape;
    where: string;
  },
): Album {
  const shape = image ?? picture.shape;
  const bytes = count * pixelCount(shape);
  if (bytes > MOST_BYTES) {
    throw new RangeError(
      `Cannot read the pictures in ${where}: they must have at most ${
        MOST_BYTES.toLocaleString("en")
      } bytes of pixels together: ${count} of ${shape.join("×")} have ${
        bytes.toLocaleString("en")
      }; make them smaller with --image HxWxC`,
    );
  }
  return { shape, images: new Uint8Array(bytes), first: name };
}

/** `album` in colours, its first `filled` pictures being grey ones. */
function colourAlbum(album: Album, filled: number, count: number): Album {
  const [height, width] = album.shape;
  const shape: ImageShape = [height, width, 3];
  const images = new Uint8Array(count * pixelCount(shape));
  images.set(toColour(album.images.subarray(0, filled * height * width)));
  return { ...album, shape, images };
}

/** What is wrong with a picture, in words; throws what isn't the picture's fault. */
function describeFault(error: unknown): string {
  if (
    error instanceof SyntaxError || error instanceof RangeError ||
    error instanceof TypeError || error instanceof Deno.errors.NotFound
  ) return error.message;
  throw error;
}

function namePictures(broken: string[]): string {
  const more = broken.length - NAMED;
  return broken.slice(0, NAMED).map((each) => cleanText(each)).join("; ") +
    (more > 0 ? `; and ${more} more` : "");
}

/**
 * Decodes `count` pictures one after another into one part, which errors call `where`:
 * grey as long as all are, of one size unless `options.image` brings them to one.
 *
 * Rejects with a `SyntaxError` that names pictures that are broken, or of another size,
 * and with a `RangeError` where there are more pixels than a part may have.
 */
export async function collectPictures(
  files: AsyncIterable<PictureFile>,
  { count, where, options: { image, skipBroken, onNote } }: {
    count: number;
    where: string;
    options: ReadingOptions;
  },
): Promise<RawPart> {
  const labels = new Uint32Array(count);
  const broken: string[] = [];
  let album: Album | undefined;
  let filled = 0;
  for await (const { name, bytes, label } of files) {
    let picture: Picture;
    try {
      if (bytes instanceof Error) throw bytes;
      picture = await decodePicture(bytes);
    } catch (error) {
      broken.push(`${name}: ${describeFault(error)}`);
      continue;
    }
    album ??= openAlbum(picture, { count, name, image, where });
    const [height, width] = picture.shape;
    if (!image && (height !== album.shape[0] || width !== album.shape[1])) {
      throw new SyntaxError(
        `Cannot use ${cleanText(name)}: pictures must have one size: it has ${
          [height, width].join("×")
        }, ${cleanText(album.first)} ${
          album.shape.slice(0, 2).join("×")
        }; bring them to one with --image HxWxC`,
      );
    }
    if (!image && picture.shape[2] === 3 && album.shape[2] === 1) {
      album = colourAlbum(album, filled, count);
    }
    album.images.set(
      convertImages(picture.pixels, picture.shape, album.shape),
      filled * pixelCount(album.shape),
    );
    labels[filled++] = label;
  }
  if (broken.length > 0 && !skipBroken) {
    throw new SyntaxError(
      `Cannot read ${broken.length} of ${count} pictures: ${
        namePictures(broken)
      }; mend or remove them, or leave them out with --skip-broken`,
    );
  }
  if (!album) {
    throw new SyntaxError(
      `Cannot use ${where}: it must hold a picture that can be read: it holds none`,
    );
  }
  if (broken.length > 0) {
    onNote?.(
      `Warning: ${broken.length} of ${count} pictures are left out: ${
        namePictures(broken)
      }`,
    );
  }
  const { shape, images } = album;
  return {
    count: filled,
    shape,
    images: filled === count
      ? images
      : images.slice(0, filled * pixelCount(shape)),
    labels: labels.slice(0, filled),
  };
}

/** Both parts in colours where one of them is. */
export function matchColours(
  parts: (RawPart | undefined)[],
): (RawPart | undefined)[] {
  const coloured = parts.some((part) => part?.shape[2] === 3);
  return coloured ? parts.map((part) => part && colourPart(part)) : parts;
}

/** The same part in colours. */
function colourPart(part: RawPart): RawPart {
  const [height, width, channels] = part.shape;
  if (channels === 3) return part;
  return {
    ...part,
    shape: [height, width, 3],
    images: toColour(part.images),
  };
}
