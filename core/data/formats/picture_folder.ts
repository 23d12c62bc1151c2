import { createHash, type Hash } from "node:crypto";
import { readRegularFile } from "../../files/read_regular_file.ts";
import { cleanText } from "../../text/clean_text.ts";
import { type ImageShape, pixelCount } from "../dataset.ts";
import type {
  DataFormat,
  Place,
  RawDataset,
  RawPart,
  ReadingOptions,
} from "./format.ts";
import { listPlace } from "./list_place.ts";
import { convertImages, toColour } from "./pictures/convert_images.ts";
import {
  decodePicture,
  MOST_PICTURE_BYTES,
} from "./pictures/decode_picture.ts";
import type { Picture } from "./pictures/picture.ts";

/** Names of the folder to learn from, and of that to test by, as people call them. */
const TRAIN = ["train", "training"];
const TEST = ["test", "testing", "t10k", "val", "valid", "validation"];
/** Pictures, and what looks like one to who keeps them, so that none is passed over. */
const PICTURE = /\.(png|jpe?g|jfif|gif|webp|bmp|tiff?|avif|heic)$/i;
/** Bytes that all pixels of a part may have together. */
const MOST_BYTES = 2 ** 32;
/** Pictures that are read from the disk at a time. */
const AHEAD = 32;
/** Broken pictures that an error or a note names. */
const NAMED = 5;

/** Names in an order that is the same everywhere: whole numbers by value, then the rest. */
function sortNames(names: Iterable<string>): string[] {
  const isNumber = (name: string) => /^\d{1,9}$/.test(name);
  return [...names].sort((a, b) => {
    if (isNumber(a) && isNumber(b) && Number(a) !== Number(b)) {
      return Number(a) - Number(b);
    }
    if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** Folders within that aren't hidden. */
function listFolders({ entries = [] }: Place): string[] {
  return sortNames(
    entries.filter(({ name, isDirectory }) =>
      isDirectory && !name.startsWith(".") && name !== "__MACOSX"
    ).map(({ name }) => name),
  );
}

/** A picture's file and the class whose folder it lies in. */
interface PictureFile {
  /** From the part's folder on. */
  file: string;
  className: string;
}

/** The pictures of one part: those in its folders, class by class, each by name. */
async function listPictures(folder: Place): Promise<PictureFile[]> {
  const files: PictureFile[] = [];
  for (const className of listFolders(folder)) {
    const { entries = [] } = await listPlace(`${folder.path}/${className}`);
    const pictures = entries.filter(({ name, isFile }) =>
      isFile && PICTURE.test(name) && !name.startsWith(".")
    );
    for (const name of sortNames(pictures.map(({ name }) => name))) {
      files.push({ file: `${className}/${name}`, className });
    }
  }
  return files;
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
  { count, file, image }: {
    count: number;
    file: string;
    image?: ImageShape;
  },
): Album {
  const shape = image ?? picture.shape;
  const bytes = count * pixelCount(shape);
  if (bytes > MOST_BYTES) {
    throw new RangeError(
      `they must have at most ${
        MOST_BYTES.toLocaleString("en")
      } bytes of pixels together: ${count} of ${shape.join("×")} have ${
        bytes.toLocaleString("en")
      }; make them smaller with --image HxWxC`,
    );
  }
  return { shape, images: new Uint8Array(bytes), first: file };
}

/** `album` in colours, its first `filled` pictures being grey ones. */
function colourAlbum(album: Album, filled: number, count: number): Album {
  const [height, width] = album.shape;
  const shape: ImageShape = [height, width, 3];
  const images = new Uint8Array(count * pixelCount(shape));
  images.set(toColour(album.images.subarray(0, filled * height * width)));
  return { ...album, shape, images };
}

/** Reads the files a few ahead of their use, in their order. */
async function* readAhead(
  paths: string[],
): AsyncGenerator<Uint8Array<ArrayBuffer> | Error> {
  const start = (path: string) =>
    readRegularFile(path, { limit: MOST_PICTURE_BYTES })
      .catch((error) => {
        if (error instanceof Error) return error;
        throw error;
      });
  const reading = paths.slice(0, AHEAD).map(start);
  for (let next = AHEAD; reading.length > 0; next++) {
    const bytes = await reading.shift();
    if (next < paths.length) reading.push(start(paths[next]));
    if (bytes) yield bytes;
  }
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

/** All pictures of a part; a hash of their names and bytes goes into `hash`. */
async function readPart(
  folder: Place,
  files: PictureFile[],
  { classNames, options: { image, skipBroken, onNote }, hash }: {
    classNames: string[];
    options: ReadingOptions;
    hash: Hash;
  },
): Promise<RawPart> {
  const labels = new Uint32Array(files.length);
  const places = new Map(classNames.map((name, place) => [name, place]));
  const broken: string[] = [];
  let [album, filled, at]: [Album | undefined, number, number] = [
    undefined,
    0,
    0,
  ];
  const paths = files.map(({ file }) => `${folder.path}/${file}`);
  for await (const bytes of readAhead(paths)) {
    const { file, className } = files[at];
    const path = paths[at++];
    let picture: Picture;
    try {
      if (bytes instanceof Error) throw bytes;
      picture = await decodePicture(bytes);
    } catch (error) {
      broken.push(`${path}: ${describeFault(error)}`);
      continue;
    }
    if (!(bytes instanceof Error)) {
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
    try {
      album ??= openAlbum(picture, { count: files.length, file: path, image });
    } catch (error) {
      throw new RangeError(
        `Cannot read the pictures in ${folder.path}: ${describeFault(error)}`,
        { cause: error },
      );
    }
    const [height, width] = picture.shape;
    if (!image && (height !== album.shape[0] || width !== album.shape[1])) {
      throw new SyntaxError(
        `Cannot use ${cleanText(path)}: pictures must have one size: it has ${
          [height, width].join("×")
        }, ${cleanText(album.first)} ${
          album.shape.slice(0, 2).join("×")
        }; bring them to one with --image HxWxC`,
      );
    }
    if (!image && picture.shape[2] === 3 && album.shape[2] === 1) {
      album = colourAlbum(album, filled, files.length);
    }
    album.images.set(
      convertImages(picture.pixels, picture.shape, album.shape),
      filled * pixelCount(album.shape),
    );
    labels[filled++] = places.get(className) ?? 0;
  }
  if (broken.length > 0 && !skipBroken) {
    throw new SyntaxError(
      `Cannot read ${broken.length} of ${files.length} pictures: ${
        namePictures(broken)
      }; mend or remove them, or leave them out with --skip-broken`,
    );
  }
  if (!album) {
    throw new SyntaxError(
      `Cannot use ${folder.path}: it must hold a picture that can be read: it holds none`,
    );
  }
  if (broken.length > 0) {
    onNote?.(
      `Warning: ${broken.length} of ${files.length} pictures are left out: ${
        namePictures(broken)
      }`,
    );
  }
  return {
    count: filled,
    shape: album.shape,
    images: filled === files.length
      ? album.images
      : album.images.slice(0, filled * pixelCount(album.shape)),
    labels: labels.slice(0, filled),
  };
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

/** Folders of the parts within `place`; the place itself where it is divided by classes alone. */
async function findParts(
  place: Place,
  onNote: ReadingOptions["onNote"],
): Promise<{ train?: Place; test?: Place }> {
  const folders = listFolders(place);
  const find = async (names: string[]) => {
    for (const name of names.filter((name) => folders.includes(name))) {
      const part = await listPlace(`${place.path}/${name}`);
      // Of a class that is called so, the folder has pictures and no folders.
      if (listFolders(part).length > 0) return part;
    }
  };
  const [train, test] = await Promise.all([find(TRAIN), find(TEST)]);
  if (!train && !test) return { train: place };
  const left = folders.filter((name) =>
    ![train, test].some((part) => part?.path === `${place.path}/${name}`)
  );
  if (left.length > 0) {
    onNote?.(
      `Warning: ${
        cleanText(left.join(", "))
      } beside the folders to learn from and to test by: left alone`,
    );
  }
  return { train, test };
}

async function readPictureFolder(
  place: Place,
  options: ReadingOptions,
): Promise<RawDataset> {
  const parts = await findParts(place, options.onNote);
  const found = await Promise.all(
    [parts.train, parts.test].map(async (folder) =>
      folder && { folder, files: await listPictures(folder) }
    ),
  );
  const classNames = sortNames(
    new Set(
      found.flatMap((part) =>
        part?.files.map(({ className }) => className) ?? []
      ),
    ),
  );
  const sha256: Record<string, string> = {};
  const read: (RawPart | undefined)[] = [undefined, undefined];
  for (const [index, name] of ["train", "test"].entries()) {
    const part = found[index];
    if (!part) continue;
    if (part.files.length === 0) {
      throw new SyntaxError(
        `Cannot use ${part.folder.path}: it must hold folders of pictures, one a class: there is no picture in them`,
      );
    }
    const hash = createHash("sha256");
    read[index] = await readPart(part.folder, part.files, {
      classNames,
      options,
      hash,
    });
    sha256[`${name} pictures`] = hash.digest("hex");
  }
  const coloured = read.some((part) => part?.shape[2] === 3);
  const [first, second] = coloured
    ? read.map((part) => part && colourPart(part))
    : read;
  return { train: first, test: second, classNames, sha256 };
}

/** Pictures in folders, one a class, within `train` and `test` or alone. */
export const PICTURES: DataFormat = {
  words: "a folder of pictures by class (train/CLASS/*.png, or CLASS/*.png)",
  reads: (place) => listFolders(place).length > 0,
  read: readPictureFolder,
};
