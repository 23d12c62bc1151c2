/**
 * What the fuzzer feeds to each reader of data: whole files, how they are changed
 * beneath their checksums, and the reader.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateRawSync, inflateSync } from "node:zlib";
import { loadDataset } from "../../../../../core/data/formats/load_dataset.ts";
import { decodePicture } from "../../../../../core/data/formats/pictures/decode_picture.ts";
import { encodePng } from "../../../../../core/data/formats/pictures/encode_png.ts";
import type { Xoshiro128 } from "../../../../../core/random/xoshiro128.ts";
import arrays from "../../../../golden/arrays.json" with { type: "json" };
import tables from "../../../../golden/parquet.json" with { type: "json" };
import pictures from "../../../../golden/pictures.json" with { type: "json" };
import { mutate } from "../../../infer/fuzz/mutate.ts";
import { idxBytes } from "../idx_bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a reader has made of a file: images of one extent, one class each. */
export interface Read {
  count: number;
  shape: readonly number[];
  images: Uint8Array;
  labels: ArrayLike<number>;
  classes: number;
}

/** A reader, and what it is fed. */
export interface FuzzedReader {
  /** Whole files, in any form that it reads. */
  seeds: Bytes[];
  /** `bytes` changed; `other` is another of the seeds. */
  change(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes;
  /** Reads the file; its parts. */
  read(bytes: Bytes): Promise<Read[]>;
}

const fromBase64 = (texts: Iterable<string>): Bytes[] =>
  [...texts].map((text) => Uint8Array.fromBase64(text));

/** A place for the files of one reader. */
const folder = await Deno.makeTempDir({ prefix: "retort-fuzz-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** Reads `bytes` as the file `name`, beside `others` where it takes several. */
async function readAs(
  name: string,
  bytes: Bytes,
  others: Record<string, Bytes> = {},
): Promise<Read[]> {
  const place = `${folder}/${name}-place`;
  await Deno.mkdir(place, { recursive: true });
  for (const [file, content] of Object.entries({ ...others, [name]: bytes })) {
    await Deno.writeFile(`${place}/${file}`, content);
  }
  const alone = Object.keys(others).length === 0;
  const { train, test, classes } = await loadDataset(
    alone ? `${place}/${name}` : place,
  );
  return [train, test].map((part) => ({ ...part, classes }));
}

/** The chunks of a PNG: kind and content, that of its pixels in one. */
function cutChunks(bytes: Bytes): [kind: string, data: Bytes][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: [string, Bytes][] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const kind = new TextDecoder().decode(bytes.subarray(at + 4, at + 8));
    const data = bytes.slice(at + 8, at + 8 + length);
    const before = chunks.at(-1);
    if (kind === "IDAT" && before?.[0] === "IDAT") {
      before[1] = new Uint8Array(Buffer.concat([before[1], data]));
    } else chunks.push([kind, data]);
    at += 12 + length;
  }
  return chunks;
}

function joinChunks(chunks: [kind: string, data: Uint8Array][]): Bytes {
  const parts = chunks.flatMap(([kind, data]) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [before, after] = [Buffer.alloc(4), Buffer.alloc(4)];
    before.writeUInt32BE(data.length);
    after.writeUInt32BE(crc32(body));
    return [before, body, after];
  });
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return new Uint8Array(Buffer.concat([signature, ...parts]));
}

/** Changes a chunk under a right checksum; of pixels, what they unpack to, every second time. */
function changePng(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes {
  if (random.below(4) === 0) return mutate(bytes, random, other);
  const chunks = cutChunks(bytes);
  const at = random.below(chunks.length);
  const [kind, data] = chunks[at];
  if (kind === "IDAT" && random.below(2) === 0) {
    const lines = new Uint8Array(inflateSync(data));
    chunks[at] = [
      kind,
      new Uint8Array(deflateSync(mutate(lines, random, other))),
    ];
  } else if (random.below(8) === 0) {
    chunks.splice(at, random.below(2), chunks[random.below(chunks.length)]);
  } else {
    chunks[at] = [kind, mutate(data, random, other)];
  }
  return joinChunks(chunks);
}

/** Changes bytes within a segment of a JPEG, or among the codes of its pixels; no lengths. */
function changeJpeg(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes {
  if (random.below(4) === 0) return mutate(bytes, random, other);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents: [start: number, end: number][] = [];
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff;) {
    const end = at + 2 + view.getUint16(at + 2);
    contents.push([at + 4, end]);
    if (bytes[at + 1] === 0xda) contents.push([end, bytes.length - 2]);
    at = end;
  }
  const changed = bytes.slice();
  const [start, end] = contents[random.below(contents.length)];
  for (let count = 1 + random.below(3); count > 0; count--) {
    changed[start + random.below(end - start)] = random.below(256);
  }
  return changed;
}

/** The members of an archive of numpy's, unpacked. */
function cutMembers(bytes: Bytes): [name: string, content: Bytes][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 22;
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: view.getUint16(end + 10, true) }, () => {
    const [name, extra, comment] = [28, 30, 32]
      .map((field) => view.getUint16(at + field, true));
    const offset = view.getUint32(at + 42, true);
    const start = offset + 30 + view.getUint16(offset + 26, true) +
      view.getUint16(offset + 28, true);
    const packed = bytes.slice(start, start + view.getUint32(at + 20, true));
    const content = view.getUint16(at + 10, true) === 0
      ? packed
      : new Uint8Array(inflateRawSync(packed));
    const called = new TextDecoder()
      .decode(bytes.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    return [called, content];
  });
}

/** An archive of these members, stored, under right checksums. */
function joinMembers(members: [name: string, content: Bytes][]): Bytes {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of members) {
    const called = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(called.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, called]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([
      ...[Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), facts],
      ...[rest, called],
    ]));
    parts.push(local, Buffer.from(content));
    at += local.length + content.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, listed, end]));
}

/** Changes an array within the archive, under a right checksum. */
function changeNpz(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes {
  if (random.below(4) === 0) return mutate(bytes, random, other);
  const members = cutMembers(bytes);
  const at = random.below(members.length);
  const [name, content] = members[at];
  if (random.below(2) === 0) {
    members[at] = [name, mutate(content, random, other)];
    return joinMembers(members);
  }
  // The header is text: its numbers and types change, not its length.
  const text = new TextDecoder("latin1").decode(content.subarray(0, 128));
  const header = text.replace(
    [/\d+(?=[,)])/, /<?\|?[uif]\d/, /False/][random.below(3)],
    (found) => {
      const all = ["0", "3", "999999999", "-1", "<f8", "<i8", "|u1", "True "];
      const chosen = all[random.below(all.length)];
      return chosen.slice(0, found.length).padEnd(found.length, " ");
    },
  );
  const changed = content.slice();
  changed.set(Buffer.from(header, "latin1").subarray(0, content.length));
  members[at] = [name, changed];
  return joinMembers(members);
}

/** Cells that are put in place of others. */
const CELLS = ["", "-1", "256", "0.5", "1e9", "NaN", '"a"', "a,b", "\n", "9"];

function changeCsv(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes {
  if (random.below(2) === 0) return mutate(bytes, random, other);
  const cells = new TextDecoder().decode(bytes).split(",");
  cells[random.below(cells.length)] = CELLS[random.below(CELLS.length)];
  return new TextEncoder().encode(cells.join(","));
}

/** Changes the length, or a record's label. */
function changeCifar(bytes: Bytes, random: Xoshiro128, other: Bytes): Bytes {
  if (random.below(2) === 0) return mutate(bytes, random, other);
  const changed = bytes.slice();
  changed[3073 * random.below(bytes.length / 3073)] = random.below(6);
  return changed;
}

/** Reads a picture by itself. */
async function readPicture(bytes: Bytes): Promise<Read[]> {
  const { shape, pixels } = await decodePicture(bytes);
  return [{ count: 1, shape, images: pixels, labels: [0], classes: 1 }];
}

const PIXELS = Uint8Array.from({ length: 4 * 9 }, (_, i) => 7 * i);
const LABELS = idxBytes([4], Uint8Array.of(0, 1, 0, 1));
const RECORDS = Uint8Array.from(
  { length: 3 * 3073 },
  (_, i) => i % 3073 === 0 ? i / 3073 : i & 255,
);
const TABLE = new TextEncoder().encode(
  `label,a,b,c,d\n${["0,1,2,3,4", "1,0,0,0,255", "0,9,9,9,9"].join("\n")}\n`,
);

/** Every reader. */
export const READERS = {
  idx: {
    seeds: [idxBytes([4, 3, 3], PIXELS)],
    change: mutate,
    read: (bytes) =>
      readAs("t10k-images-idx3-ubyte", bytes, {
        "t10k-labels-idx1-ubyte": LABELS,
      }),
  },
  png: {
    seeds: [
      ...fromBase64(Object.values(pictures.png).map(({ file }) => file)),
      encodePng({ shape: [3, 3, 1], pixels: PIXELS.slice(0, 9) }),
    ],
    change: changePng,
    read: readPicture,
  },
  jpeg: {
    seeds: fromBase64(Object.values(pictures.jpeg).map(({ file }) => file)),
    change: changeJpeg,
    read: readPicture,
  },
  npz: {
    seeds: fromBase64(Object.values(arrays)),
    change: changeNpz,
    read: (bytes) => readAs("a.npz", bytes),
  },
  csv: {
    seeds: [
      TABLE,
      new TextEncoder().encode("a,0.5,1,0,0\nb,0,0.25,1,1\nb,1,1,0,0\n"),
    ],
    change: changeCsv,
    read: (bytes) => readAs("a.csv", bytes),
  },
  cifar: {
    seeds: [RECORDS],
    change: changeCifar,
    read: (bytes) =>
      readAs("test_batch.bin", bytes, {
        "data_batch_1.bin": RECORDS,
        "batches.meta.txt": new TextEncoder().encode("plane\ncar\nbird\n"),
      }),
  },
  parquet: {
    // Those that can be divided.
    seeds: fromBase64([tables.train, tables["plain without names"]]),
    change: mutate,
    read: (bytes) => readAs("a.parquet", bytes),
  },
} as const satisfies Record<string, FuzzedReader>;
