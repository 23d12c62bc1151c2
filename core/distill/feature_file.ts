import { halfPrecisionTable } from "./half_precision.ts";

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

/** Writes rows of features, row-major, from row `start` on. */
export function writeFeatureRows(
  file: Deno.FsFile,
  precision: Precision,
  { start, width, values }: {
    start: number;
    width: number;
    values: Float32Array<ArrayBuffer>;
  },
): void {
  file.seekSync(start * width * bytesPerValue(precision), Deno.SeekMode.Start);
  const encoded = precision === "float16" ? new Float16Array(values) : values;
  writeFully(
    file,
    new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength),
  );
}

/** A file of feature rows `[count, width]`, open for reading any of them. */
export class FeatureFile {
  #file: Deno.FsFile;
  #rowBytes: number;
  #row: Uint8Array<ArrayBuffer>;
  #path: string;
  #precision: Precision;
  #resident?: SharedArrayBuffer;

  /** Numbers in a row. */
  readonly width: number;

  /**
   * Opens the file at `path`; throws what the file system throws. Rows are taken
   * from `resident`, the file's whole content, where that is given.
   */
  constructor(
    path: string,
    precision: Precision,
    width: number,
    resident?: SharedArrayBuffer,
  ) {
    this.#file = Deno.openSync(path);
    this.#path = path;
    this.#precision = precision;
    this.#resident = resident;
    this.width = width;
    this.#rowBytes = width * bytesPerValue(precision);
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
          `Cannot read features from ${this.#path}: it must hold row ${index}: it ends before; remove its folder to compute them anew`,
        );
      }
      done += read;
    }
    return [this.#row.buffer, 0];
  }

  /**
   * The rows at `indices`, `[indices.length, width]`; each number multiplied by
   * the one of `mask`, of the same size, where that is given.
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
      if (this.#precision === "float32") {
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
