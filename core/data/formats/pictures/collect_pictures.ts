import { cleanText } from "../../../text/clean_text.ts";
import { imageParts, type ImageShape, pixelCount } from "../../dataset.ts";
import type { RawPart, ReadingOptions } from "../format.ts";
import {
  convertParts,
  openSink,
  type PixelRoom,
  type PixelSink,
} from "../pixel_sink.ts";
import { convertImages, toColour } from "./convert_images.ts";
import { decodePicture } from "./decode_picture.ts";
import type { Picture } from "./picture.ts";

/** Bytes that all pixels of a part may have together in memory, where no `room` is given. */
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

/** Where the pixels of all pictures of a part go. */
interface Album {
  shape: ImageShape;
  sink: PixelSink;
  /** The first picture, which others must be like. */
  first: string;
}

async function openAlbum(
  picture: Picture,
  { count, name, image, where, room }: {
    count: number;
    name: string;
    image?: ImageShape;
    where: string;
    room?: PixelRoom;
  },
): Promise<Album> {
  const shape = image ?? picture.shape;
  const size = pixelCount(shape);
  const bytes = count * size;
  if (!room && bytes > MOST_BYTES) {
    throw new RangeError(
      `Cannot read the pictures in ${where}: they must have at most ${
        MOST_BYTES.toLocaleString("en")
      } bytes of pixels together: ${count} of ${shape.join("×")} have ${
        bytes.toLocaleString("en")
      }; make them smaller with --image HxWxC`,
    );
  }
  const sink = await openSink({ bytes, size, room });
  return { shape, sink, first: name };
}

/** `album` of `count` pictures in colours, those that it has being grey. */
async function colourAlbum(
  { shape, sink, first }: Album,
  count: number,
  room?: PixelRoom,
): Promise<Album> {
  const [height, width] = shape;
  const coloured: ImageShape = [height, width, 3];
  const size = pixelCount(coloured);
  const larger = await openSink({ bytes: count * size, size, room });
  const grey = { shape, images: sink.finish() };
  for (const { pixels } of imageParts(grey)) larger.add(toColour(pixels));
  sink.drop();
  return { shape: coloured, sink: larger, first };
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
  { count, where, options: { image, skipBroken, room, onNote } }: {
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
    album ??= await openAlbum(picture, { count, name, image, where, room });
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
      album = await colourAlbum(album, count, room);
    }
    album.sink.add(
      convertImages(picture.pixels, picture.shape, album.shape),
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
  return {
    count: filled,
    shape: album.shape,
    images: album.sink.finish(),
    labels: labels.slice(0, filled),
  };
}

/** Both parts in colours where one of them is. */
export async function matchColours(
  parts: (RawPart | undefined)[],
  room?: PixelRoom,
): Promise<(RawPart | undefined)[]> {
  if (!parts.some((part) => part?.shape[2] === 3)) return parts;
  return await Promise.all(
    parts.map((part) => part && colourPart(part, room)),
  );
}

/** The same part in colours. */
async function colourPart(part: RawPart, room?: PixelRoom): Promise<RawPart> {
  const [height, width, channels] = part.shape;
  if (channels === 3) return part;
  return {
    ...part,
    shape: [height, width, 3],
    images: await convertParts(part, {
      size: 3 * height * width,
      room,
      convert: toColour,
    }),
  };
}
