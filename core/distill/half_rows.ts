import { BLOCK_ROWS, type SparseFeatures } from "./sparse_features.ts";

/** The rows at `indices` as float16 bits, zeros and all: `[indices.length, width]`. */
export function pickHalfRows(
  { width, blocks }: SparseFeatures,
  indices: ArrayLike<number>,
): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const place = indices[row] % BLOCK_ROWS;
    const { starts, entries } = blocks[(indices[row] - place) / BLOCK_ROWS];
    const end = starts[place + 1];
    for (let entry = starts[place]; entry < end; entry++) {
      const packed = entries[entry];
      bits[row * width + (packed >>> 16)] = packed & 0xffff;
    }
  }
  return bits;
}
