import { isRecord, quoteJson } from "../../../files/json.ts";
import { checkFinite, type FloatArray } from "../../../files/safetensors.ts";
import { product } from "../../layers/layer.ts";
import { parseName, type SavedRow, type SavedStep } from "./saved_layer.ts";

/** How a weight's numbers are stored: each is a stored number times `scale` plus `min`. */
interface Storage {
  dtype: keyof typeof STORED;
  scale: number;
  min: number;
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
} as const;

/** One weight as a model's file declares it. */
export interface DeclaredWeight extends Storage {
  name: string;
  shape: number[];
}

/** A weight that a layer needs. */
interface WantedWeight {
  layer: string;
  /** What files call it, behind the layer's name: the first as tfjs does. */
  variables: readonly string[];
}

function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

/** Keys of a declared weight that are read or change nothing. */
const ENTRY_KEYS = ["name", "shape", "dtype", "quantization", "group"];
const QUANTIZATION_KEYS = ["dtype", "scale", "min", "original_dtype"];

const hasOnly = (value: Record<string, unknown>, keys: readonly string[]) =>
  Object.keys(value).every((key) => value[key] === null || keys.includes(key));

/** How numbers are stored that are `dtype` once read, where that is known. */
function parseStorage(
  dtype: unknown,
  quantization: unknown,
  isCount: boolean,
): Storage | undefined {
  if ((quantization ?? null) === null) {
    // A layer that normalises keeps how many images it has seen.
    return dtype === "float32" || (dtype === "int32" && isCount)
      ? { dtype, scale: 1, min: 0 }
      : undefined;
  }
  if (!isRecord(quantization) || dtype !== "float32") return undefined;
  const { dtype: stored, scale, min, original_dtype } = quantization;
  if (
    !hasOnly(quantization, QUANTIZATION_KEYS) ||
    (original_dtype ?? "float32") !== "float32"
  ) return undefined;
  if (stored === "float16") return { dtype: stored, scale: 1, min: 0 };
  return (stored === "uint8" || stored === "uint16") &&
      typeof scale === "number" && typeof min === "number"
    ? { dtype: stored, scale, min }
    : undefined;
}

/**
 * One element of a manifest's `weights`. Throws a `SyntaxError` unless it has a name, a
 * shape, and numbers stored in a way that is known.
 */
export function parseDeclaredWeight(
  value: unknown,
  source: string,
): DeclaredWeight {
  const rule =
    "each weight must be declared with a name and a shape, as float32, plain or quantised to float16, uint16 or uint8";
  const remedy = "save the model again, with float32 weights";
  if (!isRecord(value)) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  const { name, shape, dtype, quantization } = value;
  const isCount = typeof name === "string" && /(^|\/)count(:0)?$/.test(name);
  const storage = parseStorage(dtype, quantization, isCount);
  if (
    typeof name !== "string" || !storage ||
    !Array.isArray(shape) || !hasOnly(value, ENTRY_KEYS) ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)
  ) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  return { name: parseName(name, source, "each weight"), shape, ...storage };
}

/** All layers of `row`, those that one is added to before their sum. */
export function listSteps(row: SavedRow): SavedStep[] {
  return row.flatMap((step) =>
    step.kind === "residual" ? listSteps(step.row) : [step]
  );
}

/**
 * The layer and variable that a weight called `name` belongs to, of those in
 * `layers`: `conv1/kernel`, Keras' `conv1/kernel:0`, `sequential/conv1/kernel` of
 * a model within, and with a cell's name between, as stock tfjs takes it.
 */
function findOwner(
  name: string,
  layers: Set<string>,
  source: string,
): { layer: string; variable: string } | undefined {
  const path = name.replace(/:0$/, "").split("/");
  const variable = path.pop() ?? "";
  const whole = path.join("/");
  if (layers.has(whole)) return { layer: whole, variable };
  const within = path.map((_, depth) => path.slice(depth).join("/"))
    .filter((owner) => layers.has(owner));
  if (within.length > 1) {
    refuse(
      source,
      `weight ${name} must belong to one layer: it may be of ${
        within.join(" or ")
      }`,
      "give the layers other names, and save the model again",
    );
  }
  const [layer = path.slice(0, -1).join("/")] = within;
  return layers.has(layer) ? { layer, variable } : undefined;
}

/**
 * The weights of each layer of `row`, by its name, as their places among those
 * `declared`: the file's order is its own affair.
 *
 * Throws a `SyntaxError` where a weight is missing, is there twice, or belongs to no
 * layer or to two.
 */
export function matchWeights(
  row: SavedRow,
  declared: DeclaredWeight[],
  source: string,
): Map<string, number[]> {
  const steps = listSteps(row);
  const layers = new Set<string>();
  for (const { name } of steps) {
    if (layers.has(name)) {
      refuse(
        source,
        `layers must have different names: two are called ${name}`,
        "give them others, and save the model again",
      );
    }
    layers.add(name);
  }
  const places = new Map<string, number>();
  const wanted = steps.flatMap(({ name, variables }) =>
    variables.map((names): WantedWeight => ({ layer: name, variables: names }))
  );
  const keyOf = ({ layer, variables }: WantedWeight) =>
    `${layer}/${variables[0]}`;
  const keys = new Map(
    wanted.flatMap((weight) =>
      weight.variables.map((variable) =>
        [`${weight.layer}/${variable}`, keyOf(weight)] as const
      )
    ),
  );
  declared.forEach(({ name }, place) => {
    const owner = findOwner(name, layers, source);
    const key = owner && keys.get(`${owner.layer}/${owner.variable}`);
    if (key === undefined) {
      refuse(
        source,
        `each weight must be one of a layer: ${name} is of none`,
        "save the model again, without its optimiser",
      );
    }
    const earlier = places.get(key);
    if (earlier !== undefined) {
      refuse(
        source,
        `${key} must be there once: both ${
          declared[earlier].name
        } and ${name} are it`,
        "remove one of them",
      );
    }
    places.set(key, place);
  });
  const found = new Map<string, number[]>(
    steps.map(({ name }) => [name, []]),
  );
  for (const weight of wanted) {
    const place = places.get(keyOf(weight));
    if (place === undefined) {
      refuse(
        source,
        `its weights must hold ${keyOf(weight)}: there is none of that name`,
        "save the model again",
      );
    }
    found.get(weight.layer)?.push(place);
  }
  return found;
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
 * Cuts `data` into the arrays that are `declared`, in the file's order. Throws a
 * `SyntaxError` unless they fill it exactly and every number is finite.
 */
export function cutWeights(
  data: Uint8Array,
  declared: DeclaredWeight[],
  source: string,
): FloatArray[] {
  const expected = byteLength(declared);
  if (data.length !== expected) {
    refuse(
      source,
      `its weights must fill ${expected} bytes: they are ${data.length}`,
      "copy the model's folder again, whole",
    );
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let offset = 0;
  return declared.map(({ name, shape, dtype, scale, min }) => {
    const [bytes, read] = STORED[dtype];
    const values = new Float32Array(product(shape));
    if (dtype === "float32") {
      const end = offset + values.byteLength;
      new Uint8Array(values.buffer).set(data.subarray(offset, end));
    } else {
      for (let i = 0; i < values.length; i++) {
        values[i] = read(view, offset + bytes * i) * scale + min;
      }
    }
    offset += bytes * values.length;
    checkFinite(values, { name, source });
    return { shape, values };
  });
}
