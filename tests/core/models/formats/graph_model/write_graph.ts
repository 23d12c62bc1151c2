/**
 * Writes tfjs GraphModels for tests, as tensorflowjs_converter does: attributes as
 * protobuf's JSON has them, words in Base64, numbers of 64 bits as texts.
 *
 * @module
 */
import { randomStream } from "../../../../../core/random/stream.ts";

/** What an attribute says. */
export type Said =
  | number
  | boolean
  | string
  | number[]
  | { float: number }
  | { type: string }
  | { words: string[] }
  | { raw: unknown };

/** An operator: its name, its kind, what it reads, and its attributes. */
export type MadeNode = [
  name: string,
  operator: string,
  inputs?: string[],
  attributes?: Record<string, Said>,
];

/** Numbers of the file. */
export interface MadeWeight {
  shape: number[];
  values: ArrayLike<number>;
  dtype?: "float32" | "int32" | "bool" | "complex64";
  /** How they are stored, where they aren't as they are. */
  quantized?: "uint8" | "uint16" | "float16";
}

/** A file to write. */
export interface MadeGraph {
  /** Extents of `x`, −1 of any. */
  input: number[];
  inputType?: string;
  nodes: MadeNode[];
  weights?: Record<string, MadeWeight>;
  /** What comes out: the last node, unless given; no signature where it is null. */
  outputs?: string[] | null;
}

function encode(said: Said): unknown {
  if (typeof said === "number") return { i: `${said}` };
  if (typeof said === "boolean") return { b: said };
  if (typeof said === "string") return { s: btoa(said) };
  if (Array.isArray(said)) {
    return { list: said.length === 0 ? {} : { i: said.map(String) } };
  }
  if ("float" in said) return { f: said.float };
  if ("words" in said) return { list: { s: said.words.map((w) => btoa(w)) } };
  return "raw" in said ? said.raw : said;
}

const dims = (shape: number[]) => ({
  dim: shape.map((size) => ({ size: `${size}` })),
});

/** Numbers as a file stores them, and what it says of that. */
function store(
  { values, dtype = "float32", quantized }: MadeWeight,
): { bytes: Uint8Array<ArrayBuffer>; quantization?: object } {
  if (dtype === "int32" && quantized === "uint8") {
    return {
      bytes: Uint8Array.from(values, (value) => value + 8),
      quantization: {
        dtype: quantized,
        min: -8,
        scale: 1,
        original_dtype: dtype,
      },
    };
  }
  if (dtype === "complex64") {
    const pairs = Array.from(values, (value) => [value, 0]).flat();
    return { bytes: new Uint8Array(Float32Array.from(pairs).buffer) };
  }
  if (dtype === "int32") {
    return { bytes: new Uint8Array(Int32Array.from(values).buffer) };
  }
  if (dtype === "bool") return { bytes: Uint8Array.from(values) };
  if (!quantized) {
    return { bytes: new Uint8Array(Float32Array.from(values).buffer) };
  }
  if (quantized === "float16") {
    return {
      bytes: new Uint8Array(Float16Array.from(values).buffer),
      quantization: { dtype: "float16", original_dtype: "float32" },
    };
  }
  const all = Array.from(values);
  const [min, max] = [Math.min(...all), Math.max(...all)];
  const most = quantized === "uint8" ? 255 : 65_535;
  const scale = max > min ? (max - min) / most : 1;
  const levels = all.map((value) => Math.round((value - min) / scale));
  return {
    bytes: quantized === "uint8"
      ? Uint8Array.from(levels)
      : new Uint8Array(Uint16Array.from(levels).buffer),
    quantization: { dtype: quantized, min, scale, original_dtype: "float32" },
  };
}

/** A GraphModel's two files. */
export function writeGraph(
  { input, inputType = "DT_FLOAT", nodes, weights = {}, outputs }: MadeGraph,
): { json: Record<string, unknown>; data: Uint8Array<ArrayBuffer> } {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const specs = Object.entries(weights).map(([name, weight]) => {
    const { bytes, quantization } = store(weight);
    parts.push(bytes);
    const { shape, dtype = "float32" } = weight;
    return { name, shape, dtype, ...quantization && { quantization } };
  });
  const data = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  const constants = specs.map(({ name, shape, dtype }) => {
    const type = {
      float32: "DT_FLOAT",
      int32: "DT_INT32",
      bool: "DT_BOOL",
      complex64: "DT_COMPLEX64",
    };
    return {
      name,
      op: "Const",
      attr: {
        value: { tensor: { dtype: type[dtype], tensorShape: dims(shape) } },
        dtype: { type: type[dtype] },
      },
    };
  });
  const last = nodes.at(-1)?.[0] ?? "x";
  const json = {
    format: "graph-model",
    generatedBy: "2.19.0",
    convertedBy: "TensorFlow.js Converter v4.22.0",
    ...outputs !== null && {
      signature: {
        inputs: {
          x: { name: "x:0", dtype: inputType, tensorShape: dims(input) },
        },
        outputs: Object.fromEntries(
          (outputs ?? [last]).map((name, i) => [
            `output_${i}`,
            { name: `${name}:0`, dtype: "DT_FLOAT" },
          ]),
        ),
      },
    },
    modelTopology: {
      node: [
        ...constants,
        {
          name: "x",
          op: "Placeholder",
          attr: { shape: { shape: dims(input) }, dtype: { type: inputType } },
        },
        ...nodes.map(([name, op, inputs, attributes = {}]) => ({
          name,
          op,
          ...inputs && { input: inputs },
          attr: {
            T: { type: "DT_FLOAT" },
            ...Object.fromEntries(
              Object.entries(attributes).map(([key, said]) => [
                key,
                encode(said),
              ]),
            ),
          },
        })),
      ],
      library: {},
      versions: { producer: 2129 },
    },
    weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights: specs }],
  };
  return { json, data };
}

/** A folder with the two files, gone once `use` is done. */
export async function withGraph(
  { json, data }: ReturnType<typeof writeGraph>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify(json));
    await Deno.writeFile(`${folder}/group1-shard1of1.bin`, data);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const random = randomStream(21, "graph");

/** Numbers from −1/2 to 1/2. */
export function draw(
  shape: number[],
  more: Omit<MadeWeight, "shape" | "values"> = {},
): MadeWeight {
  const count = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    values: Array.from({ length: count }, () => random.uniform() - 0.5),
    ...more,
  };
}

/** Whole numbers: a shape, or axes. */
export function whole(...values: number[]): MadeWeight {
  return { shape: [values.length], values, dtype: "int32" };
}

/** One number. */
export function one(
  value: number,
  dtype: MadeWeight["dtype"] = "float32",
): MadeWeight {
  return { shape: [], values: [value], dtype };
}
