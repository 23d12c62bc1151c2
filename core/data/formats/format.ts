import type { ImageShape, Pixels } from "../dataset.ts";
import type { PixelRoom } from "./pixel_sink.ts";

/** How data is read, beyond what its files say. */
export interface ReadingOptions {
  /** Extent that images are brought to; they stay as they are unless it is given. */
  image?: ImageShape;
  /** Number of the first class where files number them; 0 unless given. */
  labelOffset?: number;
  /** Whether each image's rows are its columns, as EMNIST stores them. */
  transpose?: boolean;
  /** What classes are called: in the order of numbered labels, or the order of named ones. */
  classNames?: readonly string[];
  /** Whether pictures that can't be read are left out, with a note, instead of refused. */
  skipBroken?: boolean;
  /** What may be in memory: all that a form of data can have unless given. */
  room?: PixelRoom;
  /** Told in a sentence of what is odd but can be used. */
  onNote?: (note: string) => void;
}

/** What lies at a path that is to be read as data. */
export interface Place {
  /** The path itself. */
  path: string;
  /** What is in the folder, in no order; `undefined` where the path is a file. */
  entries?: readonly Pick<Deno.DirEntry, "name" | "isFile" | "isDirectory">[];
}

/** One part of a dataset, as its files have it. */
export interface RawPart {
  count: number;
  /** Extent of each image. */
  shape: ImageShape;
  /** Pixels `[count, height, width, channels]`, 0 to 255. */
  images: Pixels;
  /** Classes `[count]` as the file numbers them, or places among `classNames`. */
  labels: Uint8Array | Uint16Array | Uint32Array;
}

/** What files hold, before it becomes a dataset. */
export interface RawDataset {
  /** To learn from; to be divided where there is no `test`. */
  train?: RawPart;
  test?: RawPart;
  /** What files call their classes, where they name them. */
  classNames?: readonly string[];
  /** SHA-256 of what was read, by name. */
  sha256: Record<string, string>;
}

/** One form in which people keep data. */
export interface DataFormat {
  /** What it is, for errors: "a folder of IDX files". */
  words: string;
  /** Whether what lies there looks like it. */
  reads(place: Place): boolean;
  /** Reads it. A package that it needs is loaded then, not before. */
  read(place: Place, options: ReadingOptions): Promise<RawDataset>;
}
