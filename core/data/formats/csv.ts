import { createHash } from "node:crypto";
import { basename } from "node:path";
import { readRegularFile } from "../../files/read_regular_file.ts";
import { cleanText } from "../../text/clean_text.ts";
import { checkRoom, guessShape } from "./flat_pixels.ts";
import type { DataFormat, RawDataset, RawPart } from "./format.ts";
import { findPartFiles, hasPartFiles, joinBytes } from "./part_files.ts";

const ENDING = /\.csv$/i;
/** Bytes that a file may have; MNIST's 60,000 have 110 million. */
const MOST_BYTES = 2 ** 31;
/** Names of the column that holds labels, where there is a first line of names. */
const LABEL = /^"?(label|labels|class|target|y)"?$/i;
/** Of these, the words that no class is called. */
const HEADING = /^"?(label|labels|class|target)"?$/i;
/** Bytes that a pixel has at least: a digit and a comma. */
const BYTES_PER_PIXEL = 2;
const [COMMA, LINE, RETURN, ZERO] = [44, 10, 13, 48];

/** What a file holds: labels as texts, pixels as bytes. */
interface Table {
  labels: string[];
  /** Pixels of a row. */
  width: number;
  pixels: Uint8Array;
}

function unquote(text: string): string {
  return text.trim().replace(/^"(.*)"$/, "$1");
}

/** Ends of the lines of `bytes` that aren't empty: `[start, end]` each. */
function* cutLines(bytes: Uint8Array): Generator<[number, number]> {
  for (let start = 0; start < bytes.length;) {
    let end = bytes.indexOf(LINE, start);
    if (end < 0) end = bytes.length;
    const last = end > start && bytes[end - 1] === RETURN ? end - 1 : end;
    if (last > start) yield [start, last];
    start = end + 1;
  }
}

/** The number of bytes `[start, end)`; NaN where it is none. */
function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      const plain = unquote(text);
      return plain === "" ? NaN : Number(plain);
    }
    value = 10 * value + digit;
  }
  return end > start ? value : NaN;
}

/** Where each cell of the line ends. */
function cutCells(
  bytes: Uint8Array,
  [start, end]: [number, number],
): number[] {
  const ends: number[] = [];
  for (let at = start; at < end; at++) if (bytes[at] === COMMA) ends.push(at);
  ends.push(end);
  return ends;
}

/** Rows of `bytes`, whose pixels are bytes, or shares of 1 to be multiplied by `scale`. */
function readTable(
  bytes: Uint8Array,
  path: string,
  scale: 1 | 255 = 1,
): Table {
  const lines = [...cutLines(bytes)];
  const textOf = (start: number, end: number) =>
    unquote(new TextDecoder().decode(bytes.subarray(start, end)));
  const cellsOf = (line: [number, number]) =>
    cutCells(bytes, line).map((end, i, ends) =>
      textOf(i === 0 ? line[0] : ends[i - 1] + 1, end)
    );
  const head = lines.length > 0 ? cellsOf(lines[0]) : [];
  // Columns of pixels may be called by numbers.
  const named = head.length > 0 && HEADING.test(head[0]) ||
    head.slice(1).some((cell) => cell === "" || isNaN(+cell));
  const labelAt = named
    ? Math.max(0, head.findIndex((cell) => LABEL.test(cell)))
    : 0;
  const rows = named ? lines.slice(1) : lines;
  const width = head.length - 1;
  if (rows.length === 0 || width < 1) {
    throw new SyntaxError(
      `Cannot read ${path}: it must hold lines of a label and pixels, with commas between: ${
        rows.length === 0 ? "there is none" : "there is no comma"
      }`,
    );
  }
  const labels: string[] = [];
  const pixels = new Uint8Array(rows.length * width);
  let filled = 0;
  for (const [row, line] of rows.entries()) {
    const where = `line ${row + 1 + Number(named)}`;
    let [start, cell] = [line[0], 0];
    for (let at = start; at <= line[1]; at++) {
      if (at < line[1] && bytes[at] !== COMMA) continue;
      if (cell === labelAt) {
        labels.push(textOf(start, at));
      } else if (cell <= width) {
        const value = readNumber(bytes, start, at);
        if (scale === 1 && !Number.isInteger(value) && value < 1) {
          return readTable(bytes, path, 255);
        }
        if (!(value >= 0 && value * scale <= 255)) {
          throw new SyntaxError(
            `Cannot read ${path}: pixels must be numbers from 0 to ${
              255 / scale
            }: in ${where} one is ${
              JSON.stringify(cleanText(textOf(start, at), { length: 20 }))
            }`,
          );
        }
        pixels[filled++] = Math.round(value * scale);
      }
      cell++;
      start = at + 1;
    }
    if (cell !== width + 1) {
      throw new SyntaxError(
        `Cannot read ${path}: each line must have as many cells as the first, ${
          width + 1
        }: ${where} has ${cell}`,
      );
    }
  }
  return { labels, width, pixels };
}

/** Labels as numbers; `undefined` where one is a word. */
function numberLabels(labels: string[]): number[] | undefined {
  const numbers = labels.map((label) => label === "" ? NaN : Number(label));
  return numbers.every((each) =>
      Number.isInteger(each) && each >= 0 && each < 2 ** 32
    )
    ? numbers
    : undefined;
}

/** A label, then pixels, in each line, with or without a line of names before. */
export const CSV: DataFormat = {
  words: "a .csv file (label, then pixels), or a folder of train and test ones",
  reads: (place) => hasPartFiles(place, ENDING),
  async read(place, { image, room }): Promise<RawDataset> {
    const files = findPartFiles(place, ENDING);
    const sha256: Record<string, string> = {};
    const load = async (paths: string[]): Promise<Table | undefined> => {
      const tables: Table[] = [];
      for (const path of paths) {
        const { size } = await Deno.stat(path);
        checkRoom(Math.ceil(size / BYTES_PER_PIXEL), path, room);
        const bytes = await readRegularFile(path, { limit: MOST_BYTES });
        sha256[basename(path)] = createHash("sha256").update(bytes)
          .digest("hex");
        const table = readTable(bytes, path);
        const [first = table] = tables;
        if (table.width !== first.width) {
          throw new SyntaxError(
            `Cannot read ${path}: its images must be as large as those of the files before: they have ${table.width} pixels and ${first.width}`,
          );
        }
        tables.push(table);
      }
      if (tables.length < 2) return tables[0];
      return {
        width: tables[0].width,
        labels: tables.flatMap(({ labels }) => labels),
        pixels: joinBytes(tables.map(({ pixels }) => pixels)),
      };
    };
    const tables = [await load(files.train), await load(files.test)];
    const all = tables.flatMap((table) => table?.labels ?? []);
    const numbers = numberLabels(all);
    const classNames = numbers ? undefined : [...new Set(all)].sort();
    const places = new Map(classNames?.map((name, i) => [name, i]));
    const [train, test] = tables.map((table): RawPart | undefined =>
      table && {
        count: table.labels.length,
        shape: guessShape(table.width, place.path, image),
        images: table.pixels,
        labels: Uint32Array.from(
          table.labels,
          (label) => places.get(label) ?? Number(label),
        ),
      }
    );
    return { train, test, classNames, sha256 };
  },
};
