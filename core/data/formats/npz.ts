import { createHash } from "node:crypto";
import { basename } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";
import { readRegularFile } from "../../files/read_regular_file.ts";
import { cleanText } from "../../text/clean_text.ts";
import type { ImageShape } from "../dataset.ts";
import { checkRoom, guessShape, toBytes } from "./flat_pixels.ts";
import type { DataFormat, RawPart } from "./format.ts";

/** Bytes that the file, and each array in it, may have. */
const MOST_BYTES = 2 ** 31;
const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
/** Bytes at the end in which the directory's end may lie. */
const END_BYTES = 22 + 0xffff;

/** Where a member of an archive lies. */
export interface Member {
  name: string;
  method: number;
  checksum: number;
  packed: number;
  size: number;
  offset: number;
}

function refuse(path: string, what: string): never {
  throw new SyntaxError(`Cannot read ${path}: ${what}`);
}

/** The members of the ZIP archive `bytes`, by its directory. */
export function listMembers(bytes: Uint8Array, path: string): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  const first = Math.max(0, bytes.length - END_BYTES);
  while (end >= first && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < first) {
    refuse(path, "it must be a whole ZIP archive: it has no end");
  }
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    if (
      at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY
    ) refuse(path, "its directory must be whole");
    const [name, extra, comment] = [28, 30, 32]
      .map((field) => view.getUint16(at + field, true));
    const member = {
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    at += 46 + name + extra + comment;
    return member;
  });
}

/** Unpacks one member, to the size that the directory says. */
export function unpack(
  bytes: Uint8Array<ArrayBuffer>,
  { name, method, checksum, packed, size, offset }: Member,
  path: string,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const called = cleanText(name);
  if (
    offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL_HEADER
  ) refuse(path, `${called} must be where the directory says`);
  const start = offset + 30 + view.getUint16(offset + 26, true) +
    view.getUint16(offset + 28, true);
  if (size > MOST_BYTES || start + packed > bytes.length) {
    refuse(
      path,
      `${called} must be whole, of at most ${
        MOST_BYTES.toLocaleString("en")
      } bytes: it says ${size.toLocaleString("en")}`,
    );
  }
  const content = bytes.subarray(start, start + packed);
  if (method !== 0 && method !== 8) {
    refuse(
      path,
      `${called} must be stored or deflated: its method is ${method}; save it with numpy.savez_compressed`,
    );
  }
  let values = content;
  if (method === 8) {
    try {
      values = new Uint8Array(
        inflateRawSync(content, { maxOutputLength: Math.max(1, size) }),
      );
    } catch (error) {
      refuse(
        path,
        `${called} must unpack to ${size} bytes: ${
          error instanceof Error ? error.message : error
        }`,
      );
    }
  }
  if (values.length !== size || crc32(values) !== checksum) {
    refuse(path, `${called} must be what was written: its checksum is another`);
  }
  return values;
}

/** An array of numbers: its extents, and its values row by row. */
interface NumpyArray {
  shape: number[];
  values: ArrayLike<number>;
}

type NumberArray = ArrayLike<number> | BigInt64Array | BigUint64Array;

/** What makes values of the bytes of each type that is read. */
const TYPES: Record<string, (bytes: ArrayBuffer) => NumberArray> = {
  "|b1": (bytes) => new Uint8Array(bytes),
  "|u1": (bytes) => new Uint8Array(bytes),
  "|i1": (bytes) => new Int8Array(bytes),
  "<u2": (bytes) => new Uint16Array(bytes),
  "<i2": (bytes) => new Int16Array(bytes),
  "<u4": (bytes) => new Uint32Array(bytes),
  "<i4": (bytes) => new Int32Array(bytes),
  "<u8": (bytes) => new BigUint64Array(bytes),
  "<i8": (bytes) => new BigInt64Array(bytes),
  "<f2": (bytes) => new Float16Array(bytes),
  "<f4": (bytes) => new Float32Array(bytes),
  "<f8": (bytes) => new Float64Array(bytes),
};

/** Reads the `.npy` file `bytes`, which errors call `name`. */
function readNpy(bytes: Uint8Array<ArrayBuffer>, name: string): NumpyArray {
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes[0] !== 0x93 || magic !== "NUMPY" || bytes.length < 12) {
    refuse(name, "it must be an array as numpy saves it");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] >= 2;
  const start = long ? 12 : 10;
  const end = start +
    (long ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) refuse(name, "its header must be whole");
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const extents = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  const make = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!make || extents === undefined) {
    refuse(
      name,
      `its values must be numbers, little-endian: found ${
        JSON.stringify(cleanText(type || header, { length: 40 }))
      }; save it with .astype("uint8")`,
    );
  }
  if (/'fortran_order':\s*True/.test(header)) {
    refuse(
      name,
      "its values must go row by row: they go column by column; save numpy.ascontiguousarray of it",
    );
  }
  const shape = extents.split(",").map((each) => each.trim())
    .filter((each) => each !== "").map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  const size = Number(type.slice(2));
  if (bytes.length - end !== count * size) {
    refuse(
      name,
      `it must hold ${shape.join(" × ")} values: it holds ${
        (bytes.length - end) / size
      }`,
    );
  }
  const made = make(bytes.slice(end).buffer);
  const values = made instanceof BigInt64Array || made instanceof BigUint64Array
    ? Float64Array.from(made, Number)
    : made;
  return { shape, values };
}

/** Names of arrays that people give: images, and their labels. */
const NAMES = {
  train: [
    ["x_train", "y_train"],
    ["train_images", "train_labels"],
    ["x", "y"],
    ["images", "labels"],
    ["data", "target"],
  ],
  test: [["x_test", "y_test"], ["test_images", "test_labels"]],
} as const;

/** Images from `[n, c, h, w]` as PyTorch has them to `[n, h, w, c]`. */
function channelsLast(
  images: Uint8Array,
  [count, channels, height, width]: number[],
): Uint8Array<ArrayBuffer> {
  const turned = new Uint8Array(images.length);
  const area = height * width;
  for (let image = 0; image < count; image++) {
    for (let c = 0; c < channels; c++) {
      const from = (image * channels + c) * area;
      for (let i = 0; i < area; i++) {
        turned[(image * area + i) * channels + c] = images[from + i];
      }
    }
  }
  return turned;
}

function readImages(
  { shape, values }: NumpyArray,
  name: string,
  image?: ImageShape,
): Pick<RawPart, "count" | "shape" | "images"> {
  const images = toBytes(values, name);
  const [count, ...rest] = shape;
  if (count < 1 || rest.length < 1 || rest.length > 3 || rest.includes(0)) {
    refuse(
      name,
      `images must have 2, 3 or 4 dimensions: found ${shape.join(" × ")}`,
    );
  }
  if (rest.length === 1) {
    return { count, shape: guessShape(rest[0], name, image), images };
  }
  const [height, width, channels = 1] = rest;
  const first = height === 1 || height === 3;
  if (rest.length === 3 && first && channels !== 1 && channels !== 3) {
    return {
      count,
      shape: [width, channels, height],
      images: channelsLast(images, shape),
    };
  }
  return { count, shape: [height, width, channels], images };
}

/** Labels `[n]`, `[n, 1]`, or one of C columns each that is largest. */
function readLabels(
  { shape, values }: NumpyArray,
  name: string,
  count: number,
): Uint32Array<ArrayBuffer> {
  const [rows, columns = 1] = shape;
  if (rows !== count || shape.length > 2) {
    refuse(
      name,
      `it must hold one label for each of ${count} images: it holds ${
        shape.join(" × ")
      }`,
    );
  }
  return Uint32Array.from({ length: rows }, (_, row) => {
    if (columns > 1) {
      let best = 0;
      for (let c = 1; c < columns; c++) {
        if (values[row * columns + c] > values[row * columns + best]) best = c;
      }
      return best;
    }
    const label = values[row];
    if (Number.isInteger(label) && label >= 0 && label < 2 ** 32) return label;
    refuse(name, `labels must be whole numbers from 0: one is ${label}`);
  });
}

const ENDING = /\.npz$/i;

/** Arrays as numpy saves them together. */
export const NPZ: DataFormat = {
  words: "an .npz file (x_train, y_train, x_test, y_test)",
  reads: ({ path, entries }) => !entries && ENDING.test(path),
  async read({ path }, { image, room }) {
    const bytes = await readRegularFile(path, { limit: MOST_BYTES });
    const members = listMembers(bytes, path);
    const readPart = (part: keyof typeof NAMES): RawPart | undefined => {
      const find = (name: string) =>
        members.find((each) => each.name.toLowerCase() === `${name}.npy`);
      for (const names of NAMES[part]) {
        const [x, y] = names.map(find);
        if (!x && !y) continue;
        if (!x || !y) {
          refuse(
            path,
            `it must hold ${names.join(" and ")}: ${
              names[x ? 1 : 0]
            } is not there`,
          );
        }
        checkRoom(x.size, path, room);
        const [called, labelled] = names.map((name) => `${name} of ${path}`);
        const images = readImages(
          readNpy(unpack(bytes, x, path), called),
          called,
          image,
        );
        const labels = readLabels(
          readNpy(unpack(bytes, y, path), labelled),
          labelled,
          images.count,
        );
        return { ...images, labels };
      }
    };
    const [train, test] = [readPart("train"), readPart("test")];
    if (!train && !test) {
      refuse(
        path,
        `it must hold x_train and y_train, x_test and y_test, or x and y: it holds ${
          cleanText(members.map(({ name }) => name).join(", ")) || "nothing"
        }`,
      );
    }
    const hash = createHash("sha256").update(bytes).digest("hex");
    return { train, test, sha256: { [basename(path)]: hash } };
  },
};
