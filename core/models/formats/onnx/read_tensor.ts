import { cleanText } from "../../../text/clean_text.ts";
import { product } from "../../layers/layer.ts";
import type { StoredTensor } from "./parse_model.ts";
import { countPacked, readPacked } from "./read_fields.ts";

/** Numbers that don't depend on the input; those that aren't float32 numbers are held as doubles. */
export interface Constant {
  shape: readonly number[];
  values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** What the file calls it; empty where it was computed. */
  name: string;
  /** Bytes of a number, as the file stores it. */
  bytes: number;
  /** Whether they are of a type of whole numbers, which no weights are. */
  isWhole: boolean;
}

/** How numbers of one type lie in a file. */
interface StoredType {
  bytes: number;
  read(view: DataView, at: number): number;
  /** Field of the message that has them where they aren't raw. */
  field: number;
}

/** float32's upper half. */
function readBfloat16(view: DataView, at: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setUint16(2, view.getUint16(at, true), true);
  return bits.getFloat32(0, true);
}

const FLOAT32 = 1;

/** Types by their numbers in `TensorProto.DataType`; texts, complex numbers and those of 4 or 8 bits of a float are none. */
const TYPES: Readonly<Record<number, StoredType>> = {
  [FLOAT32]: { bytes: 4, read: (v, at) => v.getFloat32(at, true), field: 4 },
  2: { bytes: 1, read: (v, at) => v.getUint8(at), field: 5 },
  3: { bytes: 1, read: (v, at) => v.getInt8(at), field: 5 },
  4: { bytes: 2, read: (v, at) => v.getUint16(at, true), field: 5 },
  5: { bytes: 2, read: (v, at) => v.getInt16(at, true), field: 5 },
  6: { bytes: 4, read: (v, at) => v.getInt32(at, true), field: 5 },
  7: {
    bytes: 8,
    read: (v, at) => Number(v.getBigInt64(at, true)),
    field: 7,
  },
  9: { bytes: 1, read: (v, at) => v.getUint8(at), field: 5 },
  10: { bytes: 2, read: (v, at) => v.getFloat16(at, true), field: 5 },
  11: { bytes: 8, read: (v, at) => v.getFloat64(at, true), field: 10 },
  12: { bytes: 4, read: (v, at) => v.getUint32(at, true), field: 11 },
  13: {
    bytes: 8,
    read: (v, at) => Number(v.getBigUint64(at, true)),
    field: 11,
  },
  16: { bytes: 2, read: readBfloat16, field: 5 },
};

/** Types of fractions: of 32, 16 and 64 bits, and of float32's upper half. */
export const FLOATS: readonly number[] = [FLOAT32, 10, 11, 16];

/** Types of which a field of 32 bits holds the bits, not the number. */
const BITS = [10, 16];

/** What all numbers that are held for a model may count. */
export interface Budget {
  left: number;
}

/**
 * Takes `count` numbers from `budget`, before they are allocated. Throws a `RangeError`
 * where so many aren't left: a small file may ask for much.
 */
export function takeNumbers(
  budget: Budget,
  count: number,
  source: string,
): void {
  budget.left -= count;
  if (budget.left >= 0) return;
  throw new RangeError(
    `Cannot load ${source}: its layers must hold at most four numbers for each byte of the file: they hold more; simplify the model, and export it anew`,
  );
}

/**
 * The numbers of a tensor. Throws a `SyntaxError` unless they are of a known type and as
 * many as its shape says, before anything is allocated for them.
 */
export function readTensor(
  stored: StoredTensor,
  { source, budget }: { source: string; budget: Budget },
): Constant {
  const { name, shape, type, raw, typed } = stored;
  const called = cleanText(name || "without a name", { length: 80 });
  const refuse = (rule: string): never => {
    throw new SyntaxError(
      `Cannot load ${source}: tensor ${called} must ${rule}; export the model anew, in float32`,
    );
  };
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!known) {
    return refuse(
      `hold floats of 16, 32 or 64 bits or whole numbers: its data_type is ${type}`,
    );
  }
  const { bytes, read, field } = known;
  const count = product(shape);
  if (
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) ||
    !Number.isSafeInteger(count)
  ) refuse(`have a shape of whole numbers: it has ${shape.join("×")}`);
  const lengthIs = (found: number) => {
    if (found !== count) {
      refuse(`hold ${count} numbers, as its shape says: it holds ${found}`);
    }
    takeNumbers(budget, count, source);
  };
  // Of two bytes or less each is a float32 too.
  const isWhole = !FLOATS.includes(type);
  const allocate = () =>
    type === FLOAT32 || bytes <= 2
      ? new Float32Array(count)
      : new Float64Array(count);
  if (raw) {
    if (typed.length > 0) refuse("hold its numbers once");
    lengthIs(raw.length / bytes);
    if (type === FLOAT32) {
      // As every machine that runs this has them, and many times as fast.
      const values = new Float32Array(count);
      new Uint8Array(values.buffer).set(raw);
      return { shape, values, name, bytes, isWhole };
    }
    const values = allocate();
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    for (let i = 0; i < count; i++) values[i] = read(view, bytes * i);
    return { shape, values, name, bytes, isWhole };
  }
  if (typed.some((each) => each.number !== field)) {
    refuse("hold its numbers where its type has them");
  }
  const isFloat = field === 4 || field === 10;
  let found = 0;
  for (const { value } of typed) {
    if (typeof value === "number") found += isFloat ? NaN : 1;
    else found += isFloat ? value.length / bytes : countPacked(value);
  }
  lengthIs(found);
  const values = allocate();
  let at = 0;
  const scratch = new DataView(new ArrayBuffer(2));
  const put = (integer: number) => {
    if (BITS.includes(type)) {
      scratch.setUint16(0, integer, true);
      values[at++] = read(scratch, 0);
    } else values[at++] = integer;
  };
  for (const { value } of typed) {
    if (typeof value === "number") put(value);
    else if (isFloat) {
      const view = new DataView(value.buffer, value.byteOffset, value.length);
      for (let i = 0; i < value.length; i += bytes) {
        values[at++] = read(view, i);
      }
    } else for (const each of readPacked(value, source)) put(each);
  }
  return { shape, values, name, bytes, isWhole };
}
