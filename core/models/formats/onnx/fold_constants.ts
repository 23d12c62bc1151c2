import { product } from "../../layers/layer.ts";
import type { Node, StoredTensor } from "./parse_model.ts";
import { permute } from "../../../files/permute.ts";
import {
  type Budget,
  type Constant,
  FLOATS,
  takeNumbers,
} from "./read_tensor.ts";

/** An operator on numbers that don't depend on the input. */
export interface Folding {
  node: Node;
  /** Its inputs; `undefined` of one that is left out. */
  inputs: readonly (Constant | undefined)[];
  source: string;
  budget: Budget;
  /** Reads a tensor that an attribute holds. */
  read(stored: StoredTensor): Constant;
  /** Throws: which rule the node breaks. */
  refuse(rule: string): never;
}

type Values = Constant["values"];

/** Types of whole numbers of 32 and 64 bits. */
const WHOLE = [6, 7];

/** What stands for the number of images where a shape is computed. */
export const BATCH = NaN;

function make(
  shape: readonly number[],
  values: Values,
  like?: Constant,
): Constant {
  const { name = "", bytes = 4, isWhole = false } = like ?? {};
  return { shape, values, name, bytes, isWhole };
}

function list(values: readonly number[]): Constant {
  return make([values.length], Float64Array.from(values));
}

/** The input in `place`, which must be there. */
function take({ inputs, refuse }: Folding, place: number): Constant {
  return inputs[place] ?? refuse(`have an input ${place + 1}`);
}

/** Whole numbers that an attribute or, since some version, an input says. */
function integersOf(
  folding: Folding,
  name: string,
  place: number,
): number[] | undefined {
  const { node, inputs, refuse } = folding;
  const said = node.attributes.get(name);
  const numbers = Array.isArray(said) ? said : inputs[place]?.values;
  if (!numbers) return undefined;
  const integers = [...numbers];
  if (!integers.every(Number.isSafeInteger)) {
    refuse(`say whole numbers as its ${name}`);
  }
  return integers;
}

function integerOf({ node }: Folding, name: string, usual: number): number {
  const said = node.attributes.get(name);
  return typeof said === "number" ? said : usual;
}

/** An axis of `rank`, counted from the end where it is below 0. */
export function resolveAxis(
  axis: number,
  rank: number,
  refuse: (rule: string) => never,
): number {
  const place = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(place) && place >= 0 && place < rank) return place;
  return refuse(`go by an axis of ${rank}: it goes by ${axis}`);
}

/** `of` two arrays number by number, the extents of 1 repeated. */
function broadcast(
  folding: Folding,
  of: (a: number, b: number) => number,
): Constant {
  const { budget, source, refuse } = folding;
  const [a, b] = [take(folding, 0), take(folding, 1)];
  const rank = Math.max(a.shape.length, b.shape.length);
  const grow = ({ shape }: Constant) => [
    ...Array<number>(rank - shape.length).fill(1),
    ...shape,
  ];
  const [first, second] = [grow(a), grow(b)];
  const shape = first.map((extent, axis) => {
    const other = second[axis];
    if (extent !== other && extent !== 1 && other !== 1) {
      refuse(
        `read shapes that go together: they are ${a.shape.join("×")} and ${
          b.shape.join("×")
        }`,
      );
    }
    return extent === 1 ? other : extent;
  });
  const count = product(shape);
  takeNumbers(budget, count, source);
  const values = new Float64Array(count);
  const places = (own: number[]) =>
    own.map((extent, axis) => extent === 1 ? 0 : product(own.slice(axis + 1)));
  const [stepsA, stepsB] = [places(first), places(second)];
  for (let at = 0; at < count; at++) {
    let [left, inA, inB] = [at, 0, 0];
    for (let axis = rank - 1; axis >= 0; axis--) {
      const index = left % shape[axis];
      left = (left - index) / shape[axis];
      inA += index * stepsA[axis];
      inB += index * stepsB[axis];
    }
    const [x, y] = [a.values[inA], b.values[inB]];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      refuse("reckon without the number of images, and with finite numbers");
    }
    values[at] = of(x, y);
  }
  return make(shape, values, a);
}

/** `of` each number. */
function each(folding: Folding, of: (value: number) => number): Constant {
  const input = take(folding, 0);
  takeNumbers(folding.budget, input.values.length, folding.source);
  return make(input.shape, Float64Array.from(input.values, of), input);
}

/** The same numbers in another shape. */
function reshape(folding: Folding, shape: readonly number[]): Constant {
  const input = take(folding, 0);
  if (product(shape) !== input.values.length) {
    folding.refuse(
      `keep all numbers: it makes ${shape.join("×")} of ${
        input.shape.join("×")
      }`,
    );
  }
  return make(shape, input.values, input);
}

/** (q − zero) · scale, by one number or one each along an axis. */
function dequantise(folding: Folding): Constant {
  const { budget, source, refuse } = folding;
  const input = take(folding, 0);
  const scale = take(folding, 1);
  const zero = folding.inputs[2];
  const axis = resolveAxis(
    integerOf(folding, "axis", 1),
    Math.max(input.shape.length, 2),
    refuse,
  );
  const isWhole = scale.values.length === 1;
  if (integerOf(folding, "block_size", 0) !== 0) {
    refuse("have one scale a tensor or a channel: it has one a block");
  }
  const extent = isWhole ? 1 : input.shape[axis];
  if (
    scale.values.length !== extent ||
    (zero && zero.values.length !== extent)
  ) {
    refuse(`have ${extent} scales and zero points`);
  }
  const step = product(input.shape.slice(axis + 1));
  takeNumbers(budget, input.values.length, source);
  const values = Float32Array.from(input.values, (value, i) => {
    const index = isWhole ? 0 : Math.floor(i / step) % extent;
    return (value - (zero?.values[index] ?? 0)) * scale.values[index];
  });
  return { ...make(input.shape, values, input), isWhole: false };
}

/** Extents with a 1 at each of `axes`. */
export function unsqueezed<T>(
  dims: readonly T[],
  axes: readonly number[],
  { one, refuse }: { one: T; refuse: (rule: string) => never },
): T[] {
  const rank = dims.length + axes.length;
  const places = new Set(axes.map((axis) => resolveAxis(axis, rank, refuse)));
  if (places.size < axes.length) refuse("name each axis once");
  const rest = dims.values();
  return Array.from(
    { length: rank },
    (_, axis) => places.has(axis) ? one : rest.next().value ?? one,
  );
}

/** Operators on constants: of weights as exporters turn them, and of shapes. */
const FOLDED: Readonly<Record<string, (folding: Folding) => Constant>> = {
  Identity: (folding) => take(folding, 0),
  Cast: (folding) => {
    const input = take(folding, 0);
    const to = integerOf(folding, "to", 0);
    if (FLOATS.includes(to)) return { ...input, isWhole: false };
    if (!WHOLE.includes(to)) {
      folding.refuse(`cast to floats, or to whole numbers of 32 or 64 bits`);
    }
    return { ...each(folding, Math.trunc), isWhole: true };
  },
  Add: (folding) => broadcast(folding, (a, b) => a + b),
  Sub: (folding) => broadcast(folding, (a, b) => a - b),
  Mul: (folding) => broadcast(folding, (a, b) => a * b),
  Div: (folding) =>
    broadcast(
      folding,
      (a, b) => b === 0 ? folding.refuse("divide by more than 0") : a / b,
    ),
  Sqrt: (folding) => each(folding, Math.sqrt),
  Neg: (folding) => each(folding, (value) => -value),
  Reciprocal: (folding) => each(folding, (value) => 1 / value),
  DequantizeLinear: dequantise,
  Constant: ({ node, read, refuse }) => {
    const [[name, value] = ["", null], ...more] = node.attributes;
    if (more.length === 0 && value !== null) {
      if (name === "value_float" || name === "value_int") {
        if (typeof value === "number") {
          return make([], Float64Array.of(value));
        }
      }
      if (name === "value_floats" || name === "value_ints") {
        if (Array.isArray(value)) return list(value);
      }
      if (
        name === "value" && typeof value === "object" && !Array.isArray(value)
      ) return read(value);
    }
    return refuse("hold one value of numbers");
  },
  Reshape: (folding) => {
    const { shape } = take(folding, 0);
    const size = product(shape);
    const said = integersOf(folding, "shape", 1) ??
      folding.refuse("say a shape");
    const extents = said.map((extent, axis) =>
      extent === 0 ? shape[axis] ?? 0 : extent
    );
    const known = -product(extents);
    return reshape(
      folding,
      extents.map((extent) => extent === -1 ? size / known : extent),
    );
  },
  Transpose: (folding) => {
    const input = take(folding, 0);
    const rank = input.shape.length;
    const perm = integersOf(folding, "perm", 1) ??
      input.shape.map((_, axis) => rank - 1 - axis);
    if (
      perm.toSorted((a, b) => a - b).join() !== [...input.shape.keys()].join()
    ) folding.refuse(`put ${rank} axes in order: its perm is ${perm.join()}`);
    takeNumbers(folding.budget, input.values.length, folding.source);
    const { shape, values } = permute(input, perm);
    return make(shape, values, input);
  },
  Squeeze: (folding) => {
    const { refuse } = folding;
    const { shape } = take(folding, 0);
    const axes = integersOf(folding, "axes", 1)?.map((axis) =>
      resolveAxis(axis, shape.length, refuse)
    );
    return reshape(
      folding,
      shape.filter((extent, axis) =>
        axes ? !axes.includes(axis) : extent !== 1
      ),
    );
  },
  Unsqueeze: (folding) => {
    const { refuse } = folding;
    const axes = integersOf(folding, "axes", 1) ?? refuse("say axes");
    return reshape(
      folding,
      unsqueezed(take(folding, 0).shape, axes, { one: 1, refuse }),
    );
  },
  Gather: (folding) => {
    const { refuse } = folding;
    const input = take(folding, 0);
    const indices = take(folding, 1);
    if (input.shape.length !== 1 || integerOf(folding, "axis", 0) !== 0) {
      refuse("choose of a list of numbers");
    }
    const values = Float64Array.from(
      indices.values,
      (index) => input.values[resolveAxis(index, input.values.length, refuse)],
    );
    takeNumbers(folding.budget, values.length, folding.source);
    return make(indices.shape, values);
  },
  Slice: (folding) => {
    const { refuse } = folding;
    const input = take(folding, 0);
    const [from = 0] = integersOf(folding, "starts", 1) ?? [];
    const end = folding.node.attributes.get("ends") ??
      [...folding.inputs[2]?.values ?? []];
    const [to = Infinity] = Array.isArray(end) ? end : [];
    const [axis = 0] = integersOf(folding, "axes", 3) ?? [];
    const [step = 1] = integersOf(folding, "steps", 4) ?? [];
    if (input.shape.length !== 1 || axis !== 0 || step !== 1) {
      refuse("cut a list of numbers");
    }
    const values = input.values.slice(from, to);
    takeNumbers(folding.budget, values.length, folding.source);
    return list([...values]);
  },
  Concat: (folding) => {
    const parts = folding.inputs.map((_, place) => take(folding, place));
    if (parts.some(({ shape }) => shape.length !== 1)) {
      folding.refuse("join lists of numbers");
    }
    const count = parts.reduce((sum, { values }) => sum + values.length, 0);
    takeNumbers(folding.budget, count, folding.source);
    return list(parts.flatMap(({ values }) => [...values]));
  },
  ReduceProd: (folding) => {
    const { shape, values } = take(folding, 0);
    if (shape.length !== 1) folding.refuse("multiply a list of numbers");
    const whole = Float64Array.of(product([...values]));
    return make(integerOf(folding, "keepdims", 1) ? [1] : [], whole);
  },
};

/**
 * What an operator makes of constants, in float64. Throws by `refuse` where it is none
 * that weights or shapes are made by.
 */
export function computeConstant(folding: Folding): Constant {
  const { operator } = folding.node;
  const fold = Object.hasOwn(FOLDED, operator) ? FOLDED[operator] : undefined;
  return fold?.(folding) ??
    folding.refuse("compute no weights: Retort doesn't compute it");
}
