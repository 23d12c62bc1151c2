import { createHash } from "node:crypto";
import { readRegularFile } from "../../files/read_regular_file.ts";
import type { DataFormat, Place, RawDataset, RawPart } from "./format.ts";
import { joinBytes } from "./part_files.ts";
import { openSink } from "./pixel_sink.ts";

/** Pixels of an image: 32×32 in three planes. */
const AREA = 32 * 32;
/** Images that a file may have; CIFAR-100's largest has 50,000. */
const MOST_IMAGES = 2 ** 20;
const MOST_NAME_BYTES = 2 ** 20;

/** What the files of each dataset are called, and how their records begin. */
const KINDS = [
  {
    train: /^data_batch_\d{1,3}\.bin$/,
    test: /^test_batch\.bin$/,
    names: "batches.meta.txt",
    /** Bytes before the pixels, of which the last is the label. */
    before: 1,
  },
  {
    train: /^train\.bin$/,
    test: /^test\.bin$/,
    names: "fine_label_names.txt",
    before: 2,
  },
];

function findKind({ entries = [] }: Place) {
  const files = entries.filter(({ isFile }) => isFile).map(({ name }) => name);
  for (const kind of KINDS) {
    const [train, test] = [kind.train, kind.test].map((name) =>
      files.filter((file) => name.test(file)).sort()
    );
    if (train.length + test.length > 0) {
      return { ...kind, train, test, named: files.includes(kind.names) };
    }
  }
}

/** Images and labels of a file's records, each label, then three planes. */
function readRecords(
  bytes: Uint8Array,
  before: number,
  path: string,
): { labels: Uint8Array; images: Uint8Array } {
  const record = before + 3 * AREA;
  const count = bytes.length / record;
  if (count < 1 || !Number.isInteger(count)) {
    throw new SyntaxError(
      `Cannot read ${path}: it must hold records of ${record} bytes, label and 32×32×3 pixels: it has ${
        bytes.length.toLocaleString("en")
      } bytes; copy it again if it is cut off`,
    );
  }
  const labels = new Uint8Array(count);
  const images = new Uint8Array(3 * AREA * count);
  for (let image = 0; image < count; image++) {
    const from = image * record + before;
    labels[image] = bytes[from - 1];
    for (let i = 0; i < AREA; i++) {
      for (let c = 0; c < 3; c++) {
        images[3 * (image * AREA + i) + c] = bytes[from + c * AREA + i];
      }
    }
  }
  return { labels, images };
}

/** CIFAR-10 and CIFAR-100 as their authors publish them, "binary version". */
export const CIFAR: DataFormat = {
  words:
    "a folder of CIFAR's binary files (data_batch_1.bin, or train.bin and test.bin)",
  reads: (place) => findKind(place) !== undefined,
  async read(place, { room }): Promise<RawDataset> {
    const kind = findKind(place);
    const sha256: Record<string, string> = {};
    const readPart = async (
      files: string[] = [],
    ): Promise<RawPart | undefined> => {
      if (files.length === 0) return undefined;
      const before = kind?.before ?? 1;
      let count = 0;
      for (const file of files) {
        const { size } = await Deno.stat(`${place.path}/${file}`);
        count += Math.min(MOST_IMAGES, Math.floor(size / (before + 3 * AREA)));
      }
      const size = 3 * AREA;
      const sink = await openSink({ bytes: count * size, size, room });
      const labels = [];
      for (const file of files) {
        const path = `${place.path}/${file}`;
        const limit = MOST_IMAGES * (before + 3 * AREA);
        const bytes = await readRegularFile(path, { limit });
        sha256[file] = createHash("sha256").update(bytes).digest("hex");
        const records = readRecords(bytes, before, path);
        sink.add(records.images);
        labels.push(records.labels);
      }
      return {
        count,
        shape: [32, 32, 3],
        images: sink.finish(),
        labels: joinBytes(labels),
      };
    };
    const train = await readPart(kind?.train);
    const test = await readPart(kind?.test);
    if (!kind?.named) return { train, test, sha256 };
    const names = await readRegularFile(`${place.path}/${kind.names}`, {
      limit: MOST_NAME_BYTES,
    });
    const classNames = new TextDecoder().decode(names).split(/\r?\n/)
      .map((name) => name.trim()).filter((name) => name !== "");
    for (const { labels } of [train, test].filter((part) => !!part)) {
      const beyond = labels.find((label) => label >= classNames.length);
      if (beyond === undefined) continue;
      throw new SyntaxError(
        `Cannot use ${place.path}: each label must have a name in ${kind.names}: there are ${classNames.length}, and a label is ${beyond}`,
      );
    }
    return { train, test, classNames, sha256 };
  },
};
