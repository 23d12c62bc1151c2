/** float32 of every float16, by its 16 bits: decoding becomes a look-up. */
let table: Float32Array<ArrayBuffer> | undefined;

/** The look-up table `[65536]` from a float16's bits to its value. */
export function halfPrecisionTable(): Float32Array<ArrayBuffer> {
  if (!table) {
    const bits = Uint16Array.from({ length: 65536 }, (_, index) => index);
    table = new Float32Array(new Float16Array(bits.buffer));
  }
  return table;
}
