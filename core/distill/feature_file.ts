import { checksum } from "../files/checksum.ts";
import { decodeHalf } from "../infer/half.ts";

/** float32 of every float16, by its 16 bits: decoding becomes a look-up. */
let table: Float32Array<ArrayBuffer> | undefined;

/** The look-up table `[65536]` from a float16's bits to its value. */
export function halfPrecisionTable(): Float32Array<ArrayBuffer> {
  if (!table) {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = decodeHalf(bits);
  }
  return table;
}

/** How features are stored: exactly, or at half the size to 11 bits. */
export type Precision = "float16" | "float32";

/** Bytes of one number. */
export function bytesPerValue(precision: Precision): number {
  return precision === "float16" ? 2 : 4;
}

function writeFully(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += file.writeSync(bytes.subarray(done));
  }
}

/** Rows of features as a file holds them, `[checksums.length, width]`. */
export interface StoredRows {
  /** The file. */
  path: string;
  /** How its numbers are stored. */
  precision: Precision;
  /** CRC-32 of each row's bytes. */
  checksums: Uint32Array<ArrayBuffer>;
}

/** Throws a `SyntaxError` unless `bytes` are what was written as row `index`. */
function checkRow(
  { path, checksums }: StoredRows,
  index: number,
  bytes: Uint8Array,
): void {
  if (checksum(bytes) === checksums[index]) return;
  throw new SyntaxError(
    `Cannot read features from ${path}: row ${index} must be what was written: its checksum is another; run the same command again to compute them anew`,
  );
}

/**
 * The rows of a file in order, checked, `rows` at a time, as bytes that are good until
 * the next are asked for. Throws a `SyntaxError` where they aren't what was written,
 * and what the file system throws.
 */
export async function* readCheckedRows(
  stored: StoredRows,
  width: number,
  rows: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { path, precision, checksums } = stored;
  const count = checksums.length;
  const rowBytes = width * bytesPerValue(precision);
  const bytes = new Uint8Array(Math.min(rows, count) * rowBytes);
  using file = await Deno.open(path);
  for (let first = 0; first < count; first += rows) {
    const block = bytes.subarray(0, Math.min(rows, count - first) * rowBytes);
    for (let done = 0; done < block.length;) {
      const read = await file.read(block.subarray(done));
      if (read === null) {
        throw new SyntaxError(
          `Cannot read features from ${path}: it must hold ${
            count * rowBytes
          } bytes: it ends after ${
            first * rowBytes + done
          }; is another program changing it?`,
        );
      }
      done += read;
    }
    for (let start = 0; start < block.length; start += rowBytes) {
      const row = block.subarray(start, start + rowBytes);
      checkRow(stored, first + start / rowBytes, row);
    }
    yield block;
  }
}

/** Writes rows of features, row-major, from row `start` on; gives their checksums. */
export function writeFeatureRows(
  file: Deno.FsFile,
  precision: Precision,
  { start, width, values }: {
    start: number;
    width: number;
    values: Float32Array<ArrayBuffer>;
  },
): Uint32Array<ArrayBuffer> {
  file.seekSync(start * width * bytesPerValue(precision), Deno.SeekMode.Start);
  const encoded = precision === "float16" ? new Float16Array(values) : values;
  const bytes = new Uint8Array(
    encoded.buffer,
    encoded.byteOffset,
    encoded.byteLength,
  );
  writeFully(file, bytes);
  const rowBytes = width * bytesPerValue(precision);
  return Uint32Array.from(
    { length: values.length / width },
    (_, row) => checksum(bytes.subarray(row * rowBytes, (row + 1) * rowBytes)),
  );
}

/** A file of feature rows `[count, width]`, open for reading any of them. */
export class FeatureFile {
  #file: Deno.FsFile;
  #rowBytes: number;
  #row: Uint8Array<ArrayBuffer>;
  #stored: StoredRows;
  #resident?: SharedArrayBuffer;

  /** Numbers in a row. */
  readonly width: number;

  /**
   * Opens the file; throws what the file system throws. Rows are taken from
   * `resident`, the file's whole content, where that is given, and else checked.
   */
  constructor(
    stored: StoredRows & { resident?: SharedArrayBuffer },
    width: number,
  ) {
    this.#file = Deno.openSync(stored.path);
    this.#stored = stored;
    this.#resident = stored.resident;
    this.width = width;
    this.#rowBytes = width * bytesPerValue(stored.precision);
    this.#row = new Uint8Array(this.#rowBytes);
  }

  /** Where the numbers of row `index` lie: a buffer and the first byte in it. */
  #locateRow(index: number): [ArrayBufferLike, number] {
    const start = index * this.#rowBytes;
    if (this.#resident) return [this.#resident, start];
    this.#file.seekSync(start, Deno.SeekMode.Start);
    for (let done = 0; done < this.#rowBytes;) {
      const read = this.#file.readSync(this.#row.subarray(done));
      if (!read) {
        throw new SyntaxError(
          `Cannot read features from ${this.#stored.path}: it must hold row ${index}: it ends before; remove its folder to compute them anew`,
        );
      }
      done += read;
    }
    checkRow(this.#stored, index, this.#row);
    return [this.#row.buffer, 0];
  }

  /**
   * The rows at `indices`, `[indices.length, width]`; each number multiplied by
   * the one of `mask`, of the same size, where that is given. Throws a `SyntaxError`
   * where a row isn't what was written.
   */
  read(
    indices: ArrayLike<number>,
    mask?: Float32Array<ArrayBuffer>,
  ): Float32Array<ArrayBuffer> {
    const { width } = this;
    const rows = new Float32Array(indices.length * width);
    const table = halfPrecisionTable();
    for (let row = 0; row < indices.length; row++) {
      const [buffer, offset] = this.#locateRow(indices[row]);
      const start = row * width;
      if (this.#stored.precision === "float32") {
        rows.set(new Float32Array(buffer, offset, width), start);
      } else {
        const halves = new Uint16Array(buffer, offset, width);
        for (let i = 0; i < width; i++) rows[start + i] = table[halves[i]];
      }
    }
    if (mask) { for (let i = 0; i < rows.length; i++) rows[i] *= mask[i]; }
    return rows;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
