import { decodeHalf } from "../infer/half.ts";

/** float32 of every float16, by its 16 bits: decoding becomes a look-up. */
let table: Float32Array<ArrayBuffer> | undefined;

/** The look-up table `[65536]` from a float16's bits to its value. */
export function halfPrecisionTable(): Float32Array<ArrayBuffer> {
  if (!table) {
    table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = decodeHalf(bits);
  }
  return table;
}
