import type { FloatTensor } from "../encoded_tensor.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeHalves, type HalfRow } from "./code_half.ts";
import { codeBits } from "./code_numbers.ts";

/** `count` numbers as the 32 bits of each; throws a `RangeError` where one is not finite. */
function codeFloats(
  coder: BitCoder,
  count: number,
  values?: Float32Array,
): Float32Array<ArrayBuffer> {
  const coded = new Float32Array(count);
  const view = new DataView(new ArrayBuffer(4));
  for (let i = 0; i < count; i++) {
    view.setFloat32(0, values?.[i] ?? 0);
    view.setUint32(0, codeBits(coder, 32, view.getUint32(0)));
    coded[i] = view.getFloat32(0);
    if (!Number.isFinite(coded[i])) {
      throw new RangeError(
        `Cannot use a .dram: its weights must be finite: one is ${coded[i]}`,
      );
    }
  }
  return coded;
}

/** Passes a tensor of plain numbers: float16s as scales are passed, with their signs, or float32s. */
export function codePlain(
  coder: BitCoder,
  { shape, bits, row, values }: {
    shape: number[];
    bits: number;
    row: HalfRow;
    values?: Float32Array;
  },
): FloatTensor {
  const count = shape.reduce((total, extent) => total * extent, 1);
  return bits === 16
    ? {
      kind: "float",
      shape,
      bits,
      values: codeHalves(coder, row, { count, values }),
    }
    : {
      kind: "float",
      shape,
      bits: 32,
      values: codeFloats(coder, count, values),
    };
}
