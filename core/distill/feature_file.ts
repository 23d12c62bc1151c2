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
  #rowBytes: Uint8Array<ArrayBuffer>;
  #rowHalves: Uint16Array<ArrayBuffer>;
  #rowFloats: Float32Array<ArrayBuffer>;
  #path: string;
  #precision: Precision;

  /** Numbers in a row. */
  readonly width: number;

  /** Opens the file at `path`; throws what the file system throws. */
  constructor(path: string, precision: Precision, width: number) {
    this.#file = Deno.openSync(path);
    this.#path = path;
    this.#precision = precision;
    this.width = width;
    const row = new ArrayBuffer(
      Math.ceil(width * bytesPerValue(precision) / 4) * 4,
    );
    this.#rowBytes = new Uint8Array(row, 0, width * bytesPerValue(precision));
    this.#rowHalves = new Uint16Array(row);
    this.#rowFloats = new Float32Array(row);
  }

  #fillRow(index: number): void {
    this.#file.seekSync(index * this.#rowBytes.length, Deno.SeekMode.Start);
    for (let done = 0; done < this.#rowBytes.length;) {
      const read = this.#file.readSync(this.#rowBytes.subarray(done));
      if (!read) {
        throw new SyntaxError(
          `Cannot read features from ${this.#path}: it must hold row ${index}: it ends before; remove its folder to compute them anew`,
        );
      }
      done += read;
    }
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
    const halves = halfPrecisionTable();
    for (let row = 0; row < indices.length; row++) {
      this.#fillRow(indices[row]);
      const start = row * width;
      if (this.#precision === "float32") {
        rows.set(this.#rowFloats.subarray(0, width), start);
      } else {
        for (let i = 0; i < width; i++) {
          rows[start + i] = halves[this.#rowHalves[i]];
        }
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
