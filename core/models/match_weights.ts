import { isRecord, quoteJson } from "../files/json.ts";
import { checkFinite, type FloatArray } from "../files/safetensors.ts";
import { modelCost } from "./cost.ts";
import { LAYER_FORMS } from "./layers/layer_forms.ts";
import { listLayers } from "./layers/layers.ts";
import { parseName } from "./parse_saved_layer.ts";
import type { ModelSpec } from "./spec.ts";

const FLOAT_BYTES = 4;

/** One weight as a model's file declares it. */
export interface DeclaredWeight {
  name: string;
  shape: number[];
}

/** A weight that a layer needs. */
interface WantedWeight {
  layer: string;
  /** What files call it, behind the layer's name: the first as tfjs does. */
  variables: readonly string[];
  shape: readonly number[];
}

function refuse(source: string, rule: string, remedy: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}; ${remedy}`);
}

/** Keys of a declared weight that are read or change nothing. */
const ENTRY_KEYS = ["name", "shape", "dtype", "quantization", "group"];

/**
 * One element of a manifest's `weights`. Throws a `SyntaxError` unless it is plain
 * float32 with a name and a shape.
 */
export function parseDeclaredWeight(
  value: unknown,
  source: string,
): DeclaredWeight {
  const rule =
    "each weight must be declared as float32, unquantised, with a name and a shape";
  const remedy = "save the model again, with float32 weights";
  if (!isRecord(value)) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  const { name, shape, dtype } = value;
  const unknown = Object.keys(value).filter((key) =>
    value[key] !== null && !ENTRY_KEYS.includes(key)
  );
  if (
    typeof name !== "string" || dtype !== "float32" || value.quantization ||
    !Array.isArray(shape) || unknown.length > 0 ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)
  ) {
    refuse(source, `${rule}: found ${quoteJson(value)}`, remedy);
  }
  return { name: parseName(name, source, "each weight"), shape };
}

/** What `spec` needs, in the order in which models hold their weights. */
function listWanted(spec: ModelSpec): WantedWeight[] {
  return modelCost(spec).layers.flatMap(({ layer, weights }) =>
    weights.map((shape, place) => ({
      layer: layer.name,
      variables: place > 0
        ? ["bias"]
        : LAYER_FORMS[layer.kind].keras?.kernels ?? ["kernel"],
      shape,
    }))
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
 * Where each weight of `spec` stands among those `declared`, by name: the file's
 * order is its own affair.
 *
 * Throws a `SyntaxError` where a weight is missing, is there twice, belongs to no
 * layer or to two, or has another shape.
 */
export function matchWeights(
  spec: ModelSpec,
  declared: DeclaredWeight[],
  source: string,
): number[] {
  const layers = new Set(
    listLayers(spec.layers).map(({ name }) => name),
  );
  const places = new Map<string, number>();
  const wanted = listWanted(spec);
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
        `each weight must be a kernel or bias of a layer: ${name} is of none`,
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
  return wanted.map((weight) => {
    const place = places.get(keyOf(weight));
    if (place === undefined) {
      refuse(
        source,
        `its weights must hold ${keyOf(weight)}: there is none of that name`,
        "save the model again",
      );
    }
    const { name, shape } = declared[place];
    if (shape.join() !== weight.shape.join()) {
      refuse(
        source,
        `weight ${name} must have shape [${
          weight.shape.join(", ")
        }], as its layer says: it has [${quoteJson(shape).slice(1, -1)}]`,
        "save the model again",
      );
    }
    return place;
  });
}

/** Bytes of float32 arrays of `shapes` together. */
export function byteLength(shapes: number[][]): number {
  return shapes.reduce(
    (sum, shape) => sum + shape.reduce((a, b) => a * b, FLOAT_BYTES),
    0,
  );
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
  const expected = byteLength(declared.map(({ shape }) => shape));
  if (data.length !== expected) {
    refuse(
      source,
      `its weights must fill ${expected} bytes: they are ${data.length}`,
      "copy the model's folder again, whole",
    );
  }
  let offset = 0;
  return declared.map(({ name, shape }) => {
    const values = new Float32Array(byteLength([shape]) / FLOAT_BYTES);
    const end = offset + values.byteLength;
    new Uint8Array(values.buffer).set(data.subarray(offset, end));
    offset = end;
    checkFinite(values, { name, source });
    return { shape, values };
  });
}
