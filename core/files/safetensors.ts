import { isRecord, parseJson } from "./json.ts";
import { cleanText } from "../text/clean_text.ts";

/** Float32 numbers with their shape, off the device. */
export interface FloatArray {
  /** Extent of each dimension. */
  shape: number[];
  /** Values in row-major order. */
  values: Float32Array<ArrayBuffer>;
}

/** Named arrays and a note, as one file holds them. */
export interface SafeTensors {
  /** Arrays by name, in the file's order. */
  tensors: Map<string, FloatArray>;
  /** Free text by key. */
  metadata: Record<string, string>;
}

const MAX_HEADER_BYTES = 100_000_000;
const FLOAT_BYTES = 4;

/**
 * Encodes named float32 arrays in the safetensors format: the header's length
 * as a little-endian 64-bit integer, the header as JSON, then all values.
 *
 * Source: the format's description at huggingface/safetensors.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeSafeTensors, encodeSafeTensors } from "./safetensors.ts";
 *
 * const tensors = new Map([["w", { shape: [2], values: Float32Array.of(1, 2) }]]);
 * const file = encodeSafeTensors({ tensors, metadata: { step: "3" } });
 * assertEquals(decodeSafeTensors(file, "example").tensors, tensors);
 * ```
 */
export function encodeSafeTensors(
  { tensors, metadata }: SafeTensors,
): Uint8Array<ArrayBuffer> {
  const header: [string, unknown][] = [["__metadata__", metadata]];
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    if (name === "__metadata__") {
      throw new RangeError(
        "Cannot encode tensors: no name may be the format's own: current value is __metadata__",
      );
    }
    const end = offset + values.byteLength;
    header.push([name, { dtype: "F32", shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const unpadded = new TextEncoder().encode(json).length;
  const text = new TextEncoder().encode(
    json + " ".repeat((8 - unpadded % 8) % 8),
  );
  const bytes = new Uint8Array(8 + text.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let position = 8 + text.length;
  for (const { values } of tensors.values()) {
    bytes.set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      position,
    );
    position += values.byteLength;
  }
  return bytes;
}

function refuse(name: string, rule: string): never {
  throw new SyntaxError(`Cannot read ${name} as safetensors: ${rule}`);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const header = parseJson(decoder.decode(bytes), name);
    if (isRecord(header)) return header;
  } catch {
    // Told below: what JSON.parse says of bytes would not help anyone.
  }
  return refuse(name, "its header must be a JSON object");
}

function readMetadata(value: unknown, name: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value)) refuse(name, "its metadata must be an object");
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== "string") refuse(name, "its metadata must be text");
      return [key, text];
    }),
  );
}

/** Where one array lies behind the header. */
interface Entry {
  key: string;
  shape: number[];
  from: number;
  to: number;
}

function readEntry(key: string, entry: unknown, name: string): Entry {
  if (!isRecord(entry) || entry.dtype !== "F32") {
    refuse(name, `tensor ${cleanText(key)} must be of type F32`);
  }
  const { shape, data_offsets: offsets } = entry;
  if (!isNumbers(shape) || !isNumbers(offsets) || offsets.length !== 2) {
    refuse(name, `tensor ${cleanText(key)} must have a shape and two offsets`);
  }
  const [from, to] = offsets;
  return { key, shape, from, to };
}

/**
 * Throws a `SyntaxError` unless every one of `values`, the weights called `name` in
 * the file `source`, is finite: one that isn't makes every answer NaN, or one class.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkFinite } from "./safetensors.ts";
 *
 * const tensor = { name: "conv1/kernel", source: "model.json" };
 * assertThrows(() => checkFinite(Float32Array.of(1, NaN), tensor), SyntaxError, "conv1/kernel");
 * ```
 */
export function checkFinite(
  values: Float32Array | Float64Array,
  { name, source }: { name: string; source: string },
): void {
  for (let place = 0; place < values.length; place++) {
    if (Number.isFinite(values[place])) continue;
    throw new SyntaxError(
      `Cannot load ${source}: every weight must be finite: number ${place} of ${
        cleanText(name)
      } is ${
        values[place]
      }; its training has diverged, or the file is damaged: make it again`,
    );
  }
}

/**
 * Decodes a safetensors file of float32 arrays; the inverse of
 * {@linkcode encodeSafeTensors}. `name` is what errors call the file.
 *
 * Throws a `SyntaxError` unless the header fits, every shape's product equals
 * its bytes, the arrays follow one another and cover the whole file, and every
 * number is finite, unless `finite` is false; nothing is allocated before the
 * shapes are checked.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { decodeSafeTensors } from "./safetensors.ts";
 *
 * assertThrows(() => decodeSafeTensors(new Uint8Array(4), "short"), SyntaxError, "short");
 * ```
 */
export function decodeSafeTensors(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { finite = true }: { finite?: boolean } = {},
): SafeTensors {
  if (bytes.length < 8) refuse(name, "it must hold at least 8 bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > Math.min(MAX_HEADER_BYTES, bytes.length - 8)) {
    refuse(name, `its header of ${headerBytes} bytes must fit the file`);
  }
  const start = 8 + headerBytes;
  const header = parseHeader(bytes.subarray(8, start), name);
  const { __metadata__, ...entries } = header;
  const metadata = readMetadata(__metadata__, name);
  // JSON objects put names like "10" first: offsets alone tell the order.
  const ordered = Object.entries(entries)
    .map(([key, entry]) => readEntry(key, entry, name))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const tensors = new Map<string, FloatArray>();
  let next = 0;
  for (const { key, shape, from, to } of ordered) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (from !== next || to - from !== size * FLOAT_BYTES) {
      refuse(
        name,
        `tensor ${
          cleanText(key)
        } must follow the one before and fill its shape`,
      );
    }
    if (start + to > bytes.length) {
      refuse(name, `tensor ${cleanText(key)} is cut off`);
    }
    const values = new Float32Array(size);
    new Uint8Array(values.buffer).set(bytes.subarray(start + from, start + to));
    if (finite) checkFinite(values, { name: key, source: name });
    tensors.set(key, { shape, values });
    next = to;
  }
  if (start + next !== bytes.length) {
    refuse(name, `${bytes.length - start - next} bytes follow the last tensor`);
  }
  return { tensors, metadata };
}
