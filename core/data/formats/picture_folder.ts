import { createHash, type Hash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { readRegularFileSync } from "../../files/read_regular_file.ts";
import { cleanText } from "../../text/clean_text.ts";
import type {
  DataFormat,
  Place,
  RawDataset,
  RawPart,
  ReadingOptions,
} from "./format.ts";
import { listPlace, readEntries } from "./list_place.ts";
import {
  collectPictures,
  matchColours,
  type PictureFile,
} from "./pictures/collect_pictures.ts";
import { MOST_PICTURE_BYTES } from "./pictures/picture.ts";

/** Names of the folder to learn from, and of that to test by, as people call them. */
const TRAIN = ["train", "training"];
const TEST = ["test", "testing", "t10k", "val", "valid", "validation"];
/** Pictures, and what looks like one to who keeps them, so that none is passed over. */
const PICTURE = /\.(png|jpe?g|jfif|gif|webp|bmp|tiff?|avif|heic)$/i;
/** Pictures after which whatever else waits, as Ctrl-C does, has its turn. */
const TURN = 64;

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

/** Pictures in the folder of one class: there may be millions. */
interface ClassPictures {
  className: string;
  count: number;
  /** Their names in order, between slashes, which no name has: a string each takes four times the memory. */
  names: string;
}

/** The pictures of one part: those in its folders, class by class, each by name. */
async function listPictures(folder: Place): Promise<ClassPictures[]> {
  const classes: ClassPictures[] = [];
  for (const className of listFolders(folder)) {
    const names: string[] = [];
    const entries = readEntries(`${folder.path}/${className}`);
    for await (const { name, isFile } of entries) {
      if (isFile && PICTURE.test(name) && !name.startsWith(".")) {
        names.push(name);
      }
    }
    const count = names.length;
    if (count === 0) continue;
    classes.push({ className, count, names: sortNames(names).join("/") });
  }
  return classes;
}

/** Reads the files in their order. */
async function* readFiles(
  folder: Place,
  classes: readonly ClassPictures[],
  { classNames, hash }: { classNames: string[]; hash: Hash },
): AsyncGenerator<PictureFile> {
  const places = new Map(classNames.map((name, place) => [name, place]));
  let read = 0;
  for (const { className, names } of classes) {
    const label = places.get(className) ?? 0;
    for (let at = 0, end; at < names.length; at = end + 1) {
      end = names.indexOf("/", at);
      if (end < 0) end = names.length;
      const own = names.slice(at, end);
      if (read++ % TURN === 0) await setImmediate();
      const file = `${className}/${own}`;
      const name = `${folder.path}/${file}`;
      let bytes;
      try {
        bytes = readRegularFileSync(name, { limit: MOST_PICTURE_BYTES });
        hash.update(`${file}\0${bytes.length}\0`).update(bytes);
      } catch (error) {
        // What can't be read at all is told by whoever decodes it.
        if (!(error instanceof Error)) throw error;
        bytes = error;
      }
      yield { name, bytes, label };
    }
  }
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
  const found = [];
  for (const folder of [parts.train, parts.test]) {
    found.push(folder && { folder, classes: await listPictures(folder) });
  }
  const classNames = sortNames(
    new Set(
      found.flatMap((part) =>
        part?.classes.map(({ className }) => className) ?? []
      ),
    ),
  );
  const sha256: Record<string, string> = {};
  const read: (RawPart | undefined)[] = [undefined, undefined];
  for (const [index, name] of ["train", "test"].entries()) {
    const part = found[index];
    if (!part) continue;
    const { folder, classes } = part;
    if (classes.length === 0) {
      throw new SyntaxError(
        `Cannot use ${folder.path}: it must hold folders of pictures, one a class: there is no picture in them`,
      );
    }
    const hash = createHash("sha256");
    const count = classes.reduce((sum, { count }) => sum + count, 0);
    read[index] = await collectPictures(
      readFiles(folder, classes, { classNames, hash }),
      { count, where: folder.path, options },
    );
    sha256[`${name} pictures`] = hash.digest("hex");
  }
  const [train, test] = await matchColours(read, options.room);
  return { train, test, classNames, sha256 };
}

/** Pictures in folders, one a class, within `train` and `test` or alone. */
export const PICTURES: DataFormat = {
  words: "a folder of pictures by class (train/CLASS/*.png, or CLASS/*.png)",
  reads: (place) => listFolders(place).length > 0,
  read: readPictureFolder,
};
