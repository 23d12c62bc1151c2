import { isRecord, quoteJson } from "../../files/json.ts";
import { checkFinite, type FloatArray } from "../../files/safetensors.ts";
import { product } from "../layers/layer.ts";
import { parseName } from "./layers_model/saved_layer.ts";

/** How a weight's numbers are stored: each is a stored number times `scale` plus `min`. */
interface Storage {
  dtype: keyof typeof STORED;
  scale: number;
  min: number;
  /** Whether they are whole, once they are read so. */
  isWhole?: true;
}

/** Bytes of a stored number, and which it is. */
const STORED = {
  float32: [4, (view: DataView, at: number) => view.getFloat32(at, true)],
  int32: [4, (view: DataView, at: number) => view.getInt32(at, true)],
  float16: [
    2,
    (view: DataView, at: number) => view.getFloat16(at, true),
  ],
  uint16: [2, (view: DataView, at: number) => view.getUint16(at, true)],
  uint8: [1, (view: DataView, at: number) => view.getUint8(at)],
  bool: [1, (view: DataView, at: number) => view.getUint8(at)],
  /** Of which the real part is read: no layer takes them, a black box may. */
  complex64: [8, (view: DataView, at: number) => view.getFloat32(at, true)],
} as const;

/** One weight as a model's file declares it. */
export interface DeclaredWeight extends Storage {
  name: string;
  shape: number[];
}

function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

/** Axes that a weight may have: the product of their extents is a number then. */
const MOST_AXES = 8;
/** Keys of a declared weight that are read or change nothing. */
const ENTRY_KEYS = ["name", "shape", "dtype", "quantization", "group"];
const QUANTIZATION_KEYS = ["dtype", "scale", "min", "original_dtype"];

const hasOnly = (value: Record<string, unknown>, keys: readonly string[]) =>
  Object.keys(value).every((key) => value[key] === null || keys.includes(key));

/** Which weights a model may declare beside floats of numbers above 0. */
interface Allowed {
  /**
   * Whole numbers, also quantised, truths, complex numbers, and none at all: a graph's
   * constants are also shapes and axes.
   */
  isGraph?: boolean;
}

/** How numbers are stored that are `dtype` once read, where that is known. */
function parseStorage(
  { name, dtype, quantization }: Record<string, unknown>,
  { isGraph }: Allowed,
): Storage | undefined {
  if ((quantization ?? null) === null) {
    // A layer that normalises keeps how many images it has seen.
    const mayCount = isGraph ||
      (typeof name === "string" && /(^|\/)count(:0)?$/.test(name));
    return dtype === "float32" || (dtype === "int32" && mayCount) ||
        ((dtype === "bool" || dtype === "complex64") && isGraph)
      ? { dtype, scale: 1, min: 0 }
      : undefined;
  }
  const isWhole = dtype === "int32" && isGraph;
  if (!isRecord(quantization) || !(dtype === "float32" || isWhole)) {
    return undefined;
  }
  const { dtype: stored, scale, min, original_dtype } = quantization;
  if (
    !hasOnly(quantization, QUANTIZATION_KEYS) ||
    (original_dtype ?? dtype) !== dtype
  ) return undefined;
  if (stored === "float16" && !isWhole) {
    return { dtype: stored, scale: 1, min: 0 };
  }
  return (stored === "uint8" || stored === "uint16") &&
      typeof scale === "number" && typeof min === "number"
    ? { dtype: stored, scale, min, ...isWhole && { isWhole } }
    : undefined;
}

/**
 * One element of a manifest's `weights`. Throws a `SyntaxError` unless it has a name, a
 * shape, and numbers stored in a way that is known.
 */
export function parseDeclaredWeight(
  value: unknown,
  source: string,
  { isGraph }: Allowed = {},
): DeclaredWeight {
  const rule =
    `each weight must be declared with a name and a shape of at most ${MOST_AXES} axes, as float32, plain or quantised to float16, uint16 or uint8${
      isGraph ? ", or as int32, bool or complex64" : ""
    }`;
  const remedy = isGraph
    ? "convert the model anew, without constants of text"
    : "save the model again, with float32 weights";
  if (!isRecord(value)) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  const { name, shape } = value;
  const storage = parseStorage(value, { isGraph });
  if (
    typeof name !== "string" || !storage ||
    !Array.isArray(shape) || shape.length > MOST_AXES ||
    !hasOnly(value, ENTRY_KEYS) ||
    !shape.every((extent) =>
      Number.isSafeInteger(extent) && extent >= (isGraph ? 0 : 1)
    )
  ) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  return { name: parseName(name, source, "each weight"), shape, ...storage };
}

/** Bytes that `declared` take together in their file. */
export function byteLength(declared: DeclaredWeight[]): number {
  return declared.reduce(
    (sum, { shape, dtype }) => sum + product(shape) * STORED[dtype][0],
    0,
  );
}

/** Bytes that `declared` take together as float32. */
export function floatBytes(declared: DeclaredWeight[]): number {
  return declared.reduce((sum, { shape }) => sum + 4 * product(shape), 0);
}

/**
 * Cuts `data` into the bytes of what is `declared`, in the file's order, which are looked
 * at where they lie. Throws a `SyntaxError` unless they fill it exactly.
 */
export function cutBytes(
  data: Uint8Array<ArrayBuffer>,
  declared: DeclaredWeight[],
  source: string,
): Uint8Array<ArrayBuffer>[] {
  const expected = byteLength(declared);
  if (data.length !== expected) {
    refuse(
      source,
      `its weights must fill ${expected} bytes: they are ${data.length}`,
      "copy the model's folder again, whole",
    );
  }
  let offset = 0;
  return declared.map(({ shape, dtype }) => {
    const first = offset;
    offset += product(shape) * STORED[dtype][0];
    return data.subarray(first, offset);
  });
}

/** The numbers that `bytes` hold of a weight, as float32. */
export function decodeWeight(
  bytes: Uint8Array<ArrayBuffer>,
  { shape, dtype, scale, min, isWhole }: DeclaredWeight,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(product(shape));
  if (dtype === "float32") {
    new Uint8Array(values.buffer).set(bytes);
    return values;
  }
  const [size, read] = STORED[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < values.length; i++) {
    const value = read(view, size * i) * scale + min;
    values[i] = isWhole ? Math.round(value) : value;
  }
  return values;
}

/**
 * Cuts `data` into the arrays that are `declared`, in the file's order. Throws a
 * `SyntaxError` unless they fill it exactly and every number is finite.
 */
export function cutWeights(
  data: Uint8Array<ArrayBuffer>,
  declared: DeclaredWeight[],
  source: string,
): FloatArray[] {
  return cutBytes(data, declared, source).map((bytes, place) => {
    const { name, shape } = declared[place];
    const values = decodeWeight(bytes, declared[place]);
    checkFinite(values, { name, source });
    return { shape, values };
  });
}
