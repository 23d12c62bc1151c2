// A worker that reads an HDF5 file: what a damaged one makes of its reader ends with it.
import type { FloatArray } from "../../../files/safetensors.ts";
import { product } from "../../layers/layer.ts";
import type { Hdf5Content, Hdf5Task, Hdf5Word } from "./hdf5.ts";

/** Groups and arrays that a file may have; Keras makes a few of each layer. */
const MOST_OBJECTS = 20_000;
/** Groups within groups. */
const MOST_DEPTH = 64;

/** A group, or an array, as the package gives it. */
interface Hdf5Object {
  attrs: Record<string, unknown>;
  /** Names in a group. */
  keys?: unknown;
  get(name: string): Hdf5Object | null;
  shape: unknown;
  dtype: unknown;
  /** Numbers of an array, row by row. */
  value: unknown;
}

interface Hdf5Package {
  File: new (bytes: ArrayBuffer, name: string) => Hdf5Object;
}

/** Types of numbers that are read: floats, and the counts that some layers keep. */
const NUMBERS = /^[<>|]?(f[248]|[iu][1248])$/;

const namesIn = ({ keys }: Hdf5Object): string[] =>
  Array.isArray(keys) ? keys.map(String) : [];

function isGroup(object: Hdf5Object): boolean {
  return "_links" in object;
}

/** Texts among attributes: those of a fixed length end in zeros. */
function textsOf({ attrs }: Hdf5Object): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(attrs)) {
    if (typeof value === "string") texts[name] = value.replace(/\0+$/, "");
  }
  return texts;
}

/** Reads numbers, whose extents and type are checked before there is memory for them. */
function readArray(object: Hdf5Object, name: string, left: number): FloatArray {
  const { shape, dtype } = object;
  if (
    !Array.isArray(shape) || shape.length > 8 ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1)
  ) throw new RangeError(`${name} must have extents: it has ${shape}`);
  if (typeof dtype !== "string" || !NUMBERS.test(dtype)) {
    throw new TypeError(`${name} must be numbers: it is of type ${dtype}`);
  }
  const size = product(shape);
  if (4 * size > left) {
    throw new RangeError(
      `its numbers must be as many as its bytes can say: ${name} has ${
        shape.join("×")
      }`,
    );
  }
  const { value } = object;
  if (!Array.isArray(value) || value.length !== size) {
    throw new RangeError(`${name} must hold ${size} numbers`);
  }
  return { shape, values: Float32Array.from(value, Number) };
}

function readFile(
  { File }: Hdf5Package,
  { bytes, group, most }: Hdf5Task,
): Hdf5Content {
  const file = new File(bytes.buffer, "model");
  const attributes = textsOf(file);
  if (!namesIn(file).includes(group)) return { attributes, arrays: null };
  const root = file.get(group);
  const arrays: Record<string, FloatArray> = {};
  let [left, objects] = [most, 0];
  const visit = (object: Hdf5Object, path: string[]) => {
    if (path.length > MOST_DEPTH || ++objects > MOST_OBJECTS) {
      throw new RangeError(
        `it must have at most ${MOST_OBJECTS} groups and arrays, ${MOST_DEPTH} deep`,
      );
    }
    if (!isGroup(object)) {
      const name = path.join("/");
      const array = readArray(object, name, left);
      left -= array.values.byteLength;
      arrays[name] = array;
      return;
    }
    for (const name of namesIn(object)) {
      const next = object.get(name);
      if (next) visit(next, [...path, name]);
    }
  };
  if (root) visit(root, []);
  return { attributes, arrays };
}

addEventListener("message", async ({ data }: MessageEvent<Hdf5Task>) => {
  let word: Hdf5Word;
  // The package tells of some attributes that it leaves out.
  console.warn = () => {};
  try {
    word = { content: readFile(await import(data.module), data) };
  } catch (error) {
    // The package throws texts.
    word = { refused: error instanceof Error ? error.message : `${error}` };
  }
  postMessage(word);
});
