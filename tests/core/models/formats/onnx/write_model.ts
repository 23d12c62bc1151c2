/**
 * Writes ONNX files for tests: what a real exporter writes, and what none would.
 *
 * @module
 */

/** Numbers that a file stores: float32 unless another type is named. */
export interface Stored {
  shape: readonly number[];
  values: readonly number[] | Float32Array;
  /** Number of `TensorProto.DataType`. */
  type?: number;
  /** Whether they lie in the type's own field of the message, not raw. */
  typed?: boolean;
  /** Where they lie instead. */
  external?: Record<string, string>;
}

/** What an attribute says: an integer, several, a text, floats, a tensor or a graph's bytes. */
export type Said =
  | number
  | number[]
  | string
  | { float: number }
  | { floats: number[] }
  | { tensor: Stored }
  | { graph: Uint8Array };

/** An operator, what it reads, what it gives, and its attributes. */
export type MadeNode = [
  operator: string,
  inputs: string[],
  output: string | string[],
  attributes?: Record<string, Said>,
];

/** A file to write. */
export interface Made {
  nodes: MadeNode[];
  tensors?: Record<string, Stored>;
  /** Extents of `x`, a name being one of no number; float32 unless a type is named. */
  input: readonly (number | string)[];
  inputType?: number;
  /** Type of the outputs, where it isn't float32. */
  outputType?: number;
  /** Inputs beside it, of one number. */
  moreInputs?: string[];
  /** Outputs; `y` unless they are named. */
  outputs?: string[];
  /** Numbers that each output has of an image: three unless given. */
  classes?: number;
  opset?: number;
  /** Names of nodes; none unless given. */
  names?: string[];
  /** The operators' domain. */
  domain?: string;
}

/** A varint, as 64 bits where it is below 0. */
export function varint(value: number): number[] {
  let left = BigInt.asUintN(64, BigInt(Math.trunc(value)));
  const bytes = [];
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) + 128);
  return [...bytes, Number(left)];
}

/** Parts one behind the other. */
export function join(
  ...parts: (Uint8Array | number[])[]
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Field `number` of a message: an integer, a text, or bytes. */
export function field(
  number: number,
  value: number | string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (typeof value === "number") {
    return join(varint(8 * number), varint(value));
  }
  const body = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value;
  return join(varint(8 * number + 2), varint(body.length), body);
}

/** Numbers in little endian: float32 (1), int8 (3), int64 (7), float16 (10), double (11), and bytes. */
function packRaw(values: Iterable<number>, type: number): Uint8Array {
  const list = [...values];
  switch (type) {
    case 1:
      return new Uint8Array(Float32Array.from(list).buffer);
    case 7:
      return new Uint8Array(
        BigInt64Array.from(list.map((each) => BigInt(Math.trunc(each)))).buffer,
      );
    case 10:
      return new Uint8Array(Float16Array.from(list).buffer);
    case 11:
      return new Uint8Array(Float64Array.from(list).buffer);
    case 16:
      return new Uint8Array(
        Uint16Array.from(
          new Uint32Array(Float32Array.from(list).buffer),
          (bits) => bits >>> 16,
        ).buffer,
      );
    default:
      return Uint8Array.from(list);
  }
}

/** Numbers in the field that their type has. */
function packTyped(values: Iterable<number>, type: number): Uint8Array {
  switch (type) {
    case 1:
      return field(4, packRaw(values, 1));
    case 7:
      return field(7, join(...[...values].map(varint)));
    case 10:
      return join(
        ...[...new Uint16Array(packRaw(values, 10).buffer as ArrayBuffer)].map(
          (bits) => field(5, bits),
        ),
      );
    case 11:
      return field(10, packRaw(values, 11));
    default:
      return field(5, join(...[...values].map(varint)));
  }
}

/** A TensorProto. */
export function tensor(
  name: string,
  { shape, values, type = 1, typed, external }: Stored,
): Uint8Array<ArrayBuffer> {
  return join(
    ...shape.map((extent) => field(1, extent)),
    field(2, type),
    field(8, name),
    ...external
      ? [
        ...Object.entries(external).map(([key, value]) =>
          field(13, join(field(1, key), field(2, value)))
        ),
        field(14, 1),
      ]
      : [typed ? packTyped(values, type) : field(9, packRaw(values, type))],
  );
}

function float(number: number, value: number): Uint8Array<ArrayBuffer> {
  return join(varint(8 * number + 5), packRaw([value], 1));
}

function attribute(name: string, said: Said): Uint8Array<ArrayBuffer> {
  const typed = (type: number, ...parts: Uint8Array[]) =>
    join(field(1, name), ...parts, field(20, type));
  if (typeof said === "number") return typed(2, field(3, said));
  if (typeof said === "string") return typed(3, field(4, said));
  if (Array.isArray(said)) {
    return typed(7, ...said.map((each) => field(8, each)));
  }
  if ("float" in said) return typed(1, float(2, said.float));
  if ("floats" in said) {
    return typed(6, ...said.floats.map((each) => float(7, each)));
  }
  if ("graph" in said) return typed(5, field(6, said.graph));
  return typed(4, field(5, tensor("", said.tensor)));
}

/** The bytes of a file. */
export function writeModel(made: Made): Uint8Array<ArrayBuffer> {
  const { nodes, tensors = {}, outputs = ["y"], opset = 13 } = made;
  const info = (
    name: string,
    shape: readonly (number | string)[],
    type = 1,
  ) => {
    const extents = shape.map((extent) =>
      field(1, field(typeof extent === "number" ? 1 : 2, extent))
    );
    return join(
      field(1, name),
      field(2, field(1, join(field(1, type), field(2, join(...extents))))),
    );
  };
  const graph = join(
    ...nodes.map(([operator, inputs, output, attributes = {}], index) =>
      field(
        1,
        join(
          ...inputs.map((name) => field(1, name)),
          ...[output].flat().map((name) => field(2, name)),
          ...made.names ? [field(3, made.names[index])] : [],
          field(4, operator),
          ...Object.entries(attributes).map(([name, said]) =>
            field(5, attribute(name, said))
          ),
          ...made.domain ? [field(7, made.domain)] : [],
        ),
      )
    ),
    field(2, "graph"),
    ...Object.entries(tensors).map(([name, stored]) =>
      field(5, tensor(name, stored))
    ),
    field(11, info("x", made.input, made.inputType)),
    ...(made.moreInputs ?? []).map((name) => field(11, info(name, [1]))),
    ...outputs.map((name) =>
      field(12, info(name, ["batch", made.classes ?? 3], made.outputType))
    ),
  );
  return join(
    field(1, 8),
    field(2, "retort tests"),
    field(7, graph),
    field(8, join(field(1, ""), field(2, opset))),
  );
}
