import { gunzipSync, zstdDecompressSync } from "node:zlib";

// hyparquet 1.33.0 reads what a file says of itself, but not its pages: a run or a length
// that a damaged page declares keeps its reader, and its Snappy, for ever.

/** Bytes that a page may always unpack to, and how many times its length beyond that. */
const PAGE_BYTES = 2 ** 26;
const PAGE_SHARE = 100;

const PAGES = { data: 0, dictionary: 2, dataV2: 3 };
const PLAIN = 0;
/** Encodings by a dictionary, of the first version and the second. */
const DICTIONARY = [2, 8];

/** A column's bytes in one row group, and what the file says of them. */
export interface ColumnChunk {
  bytes: Uint8Array;
  codec: string;
  type: string;
  /** How many groups and columns on the way to it may be missing: 0 where none. */
  levels: number;
  /** Values, missing ones included. */
  rows: number;
}

/** A value of a column; undefined where it is missing. */
export type ColumnValue = Uint8Array | number | undefined;

/** Unpacks Snappy's raw form into `length` bytes. */
function unpackSnappy(packed: Uint8Array, length: number): Uint8Array {
  const unpacked = new Uint8Array(length);
  let [at, to] = [0, 0];
  while ((packed[at] ?? 0) >= 128) at++;
  at++;
  while (at < packed.length) {
    const tag = packed[at++];
    let size = (tag >> 2) + 1;
    let back = 0;
    if ((tag & 3) === 0) {
      if (size > 60) {
        const extra = size - 60;
        size = 1;
        for (let i = 0; i < extra; i++) size += packed[at + i] * 256 ** i;
        at += extra;
      }
      if (!(at + size <= packed.length && to + size <= length)) {
        throw new SyntaxError("Snappy's literals must lie within the page");
      }
      unpacked.set(packed.subarray(at, at + size), to);
      at += size;
      to += size;
      continue;
    }
    if ((tag & 3) === 1) {
      size = ((tag >> 2) & 7) + 4;
      back = (tag >> 5) * 256 + packed[at++];
    } else {
      const width = (tag & 3) === 2 ? 2 : 4;
      for (let i = 0; i < width; i++) back += packed[at + i] * 256 ** i;
      at += width;
    }
    if (!(back >= 1 && back <= to && to + size <= length)) {
      throw new SyntaxError("Snappy's copies must lie within the page");
    }
    for (let i = 0; i < size; i++, to++) unpacked[to] = unpacked[to - back];
  }
  if (to !== length) {
    throw new SyntaxError(
      `a page must unpack to ${length} bytes: it has ${to}`,
    );
  }
  return unpacked;
}

/** Unpacks a page, bounded before memory is taken. */
function unpack(
  packed: Uint8Array,
  codec: string,
  length: number,
): Uint8Array {
  const most = Math.max(PAGE_BYTES, PAGE_SHARE * packed.length);
  if (!(length >= 0 && length <= most)) {
    throw new SyntaxError(
      `a page of ${packed.length} bytes may unpack to at most ${most}: it says ${length}`,
    );
  }
  const limit = { maxOutputLength: Math.max(1, length) };
  switch (codec) {
    case "UNCOMPRESSED":
      return packed;
    case "SNAPPY":
      return unpackSnappy(packed, length);
    case "GZIP":
      return gunzipSync(packed, limit);
    case "ZSTD":
      return zstdDecompressSync(packed, limit);
    default:
      throw new SyntaxError(
        `pages must be packed by Snappy, gzip or Zstandard, or not: found ${codec}`,
      );
  }
}

/**
 * `count` numbers of `width` bits in runs, repeated or packed, from `bytes`, and where
 * they end.
 */
function readRuns(
  bytes: Uint8Array,
  width: number,
  count: number,
): Int32Array {
  if (width > 32) throw new SyntaxError(`numbers of ${width} bits`);
  const values = new Int32Array(count);
  let [at, filled] = [0, 0];
  while (filled < count) {
    let [head, shift] = [0, 1];
    for (;; shift *= 128) {
      if (at >= bytes.length || shift > 2 ** 35) {
        throw new SyntaxError("runs must be whole: they are cut off");
      }
      const byte = bytes[at++];
      head += (byte & 127) * shift;
      if (byte < 128) break;
    }
    const many = Math.floor(head / 2);
    if (head % 2 === 0) {
      const size = Math.ceil(width / 8);
      let value = 0;
      for (let i = 0; i < size; i++) value += (bytes[at + i] ?? 0) * 256 ** i;
      at += size;
      const end = Math.min(count, filled + many);
      values.fill(value, filled, end);
      // A run of none would be read for ever.
      if (many === 0) throw new SyntaxError("runs must not be empty");
      filled = end;
      continue;
    }
    if (many === 0) throw new SyntaxError("runs must not be empty");
    const packed = Math.min(8 * many, count - filled);
    for (let i = 0; i < packed; i++) {
      let value = 0;
      for (let bit = 0; bit < width; bit++) {
        const place = i * width + bit;
        const byte = bytes[at + (place >> 3)] ?? 0;
        if ((byte >> (place & 7)) & 1) value += 2 ** bit;
      }
      values[filled + i] = value;
    }
    filled += packed;
    at += many * width;
  }
  return values;
}

/** `count` values as they are, one after another. */
function readPlain(
  bytes: Uint8Array,
  type: string,
  count: number,
): ColumnValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (count > bytes.length) {
    throw new SyntaxError("a page must hold as many values as it says");
  }
  let at = 0;
  return Array.from({ length: count }, () => {
    switch (type) {
      case "INT32":
        return view.getInt32((at += 4) - 4, true);
      case "INT64":
        return Number(view.getBigInt64((at += 8) - 8, true));
      case "BYTE_ARRAY": {
        const start = at + 4;
        at = start + view.getUint32(at, true);
        if (at > bytes.length) {
          throw new SyntaxError("a value must lie within its page");
        }
        return bytes.subarray(start, at);
      }
      default:
        throw new SyntaxError(
          `columns must be of bytes or whole numbers: found ${type}`,
        );
    }
  });
}

/** What a page says before its values; numbers by Thrift's fields. */
export type ReadFields = (
  reader: { view: DataView; offset: number },
) => Record<string, unknown>;

function numberIn(fields: unknown, name: string): number {
  const value = typeof fields === "object" && fields !== null
    ? Reflect.get(fields, name)
    : undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) {
    return value;
  }
  throw new SyntaxError("a page must say what is in it");
}

/** Values of a data page: those that are there, each in its row. */
function placeValues(
  bytes: Uint8Array,
  { encoding, present, type }: {
    encoding: number;
    present: boolean[];
    type: string;
  },
  dictionary: ColumnValue[] | undefined,
): ColumnValue[] {
  const count = present.reduce((sum, there) => sum + Number(there), 0);
  let values: ColumnValue[];
  if (encoding === PLAIN) {
    values = readPlain(bytes, type, count);
  } else if (DICTIONARY.includes(encoding) && dictionary) {
    const places = readRuns(bytes.subarray(1), bytes[0] ?? 0, count);
    values = Array.from(places, (place) => dictionary[place]);
  } else {
    throw new SyntaxError(
      `values must be plain or in a dictionary: their encoding is ${encoding}`,
    );
  }
  let next = 0;
  return present.map((there) => there ? values[next++] : undefined);
}

/** All values of `chunk`, in the order of rows. */
export function readColumn(
  { bytes, codec, type, levels, rows }: ColumnChunk,
  readFields: ReadFields,
): ColumnValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = levels === 0 ? 0 : Math.ceil(Math.log2(levels + 1));
  const presence = (runs: Uint8Array, count: number) =>
    Array.from(readRuns(runs, width, count), (level) => level === levels);
  const all: ColumnValue[] = [];
  let dictionary: ColumnValue[] | undefined;
  const reader = { view, offset: 0 };
  while (all.length < rows) {
    if (reader.offset >= bytes.length) {
      throw new SyntaxError(`a column must have ${rows} rows: ${all.length}`);
    }
    const header = readFields(reader);
    const kind = numberIn(header, "field_1");
    const length = numberIn(header, "field_2");
    const size = numberIn(header, "field_3");
    const start = reader.offset;
    const packed = bytes.subarray(start, start + size);
    if (packed.length !== size) throw new SyntaxError("a page is cut off");
    reader.offset += size;
    if (kind === PAGES.dictionary) {
      const count = numberIn(header.field_7, "field_1");
      dictionary = readPlain(unpack(packed, codec, length), type, count);
      continue;
    }
    if (kind !== PAGES.data && kind !== PAGES.dataV2) continue;
    const said = kind === PAGES.data ? header.field_5 : header.field_8;
    const count = numberIn(said, "field_1");
    if (count > rows - all.length) {
      throw new SyntaxError(`a column must have ${rows} rows: it has more`);
    }
    let [content, runs]: [Uint8Array, Uint8Array] = [packed, packed];
    let encoding: number;
    if (kind === PAGES.data) {
      encoding = numberIn(said, "field_2");
      content = unpack(packed, codec, length);
      if (levels > 0) {
        const inside = new DataView(content.buffer, content.byteOffset);
        const end = 4 + (content.length >= 4 ? inside.getUint32(0, true) : 0);
        if (end > content.length) throw new SyntaxError("levels are cut off");
        runs = content.subarray(4, end);
        content = content.subarray(end);
      }
    } else {
      encoding = numberIn(said, "field_4");
      const [defined, repeated] = ["field_5", "field_6"]
        .map((name) => numberIn(said, name));
      const end = defined + repeated;
      if (end > size) throw new SyntaxError("levels are cut off");
      runs = packed.subarray(repeated, end);
      const rest = packed.subarray(end);
      const isPacked = !(typeof said === "object" && said !== null &&
        Reflect.get(said, "field_7") === false);
      content = isPacked ? unpack(rest, codec, length - end) : rest;
    }
    const present = levels === 0
      ? new Array<boolean>(count).fill(true)
      : presence(runs, count);
    for (
      const value of placeValues(
        content,
        { encoding, present, type },
        dictionary,
      )
    ) all.push(value);
  }
  return all;
}
