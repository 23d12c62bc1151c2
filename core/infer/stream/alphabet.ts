import type { CodebookTensor, UniformTensor } from "../encoded_tensor.ts";

/** The symbols of a tensor: integers in order of the weights that they stand for. */
export interface Alphabet {
  /** Least symbol, ≤ 0. */
  low: number;
  /** Greatest symbol, ≥ `low`. */
  high: number;
  /**
   * Where weights lie: symbol s stands for about s + `offset` / 256 steps. 128
   * where no symbol stands for 0.
   */
  offset: 0 | 128;
}

/**
 * The alphabet of levels of `bits` bits: [−2^(bits−1), 2^(bits−1) − 1], and for
 * 1 bit the symbols −1 and 0 of the levels −1 and +1.
 */
export function levelAlphabet(bits: number): Alphabet {
  return {
    low: -(2 ** (bits - 1)),
    high: 2 ** (bits - 1) - 1,
    offset: bits === 1 ? 128 : 0,
  };
}

/** The alphabet of a codebook in ascending order: symbol 0 is the weight 0, or else the least above 0. */
export function codebookAlphabet(codebook: Float32Array): Alphabet {
  const below = codebook.filter((value) => value < 0).length;
  return {
    low: -below,
    high: codebook.length - 1 - below,
    offset: codebook.includes(0) ? 0 : 128,
  };
}

/** How many symbols an alphabet has. */
export function alphabetSize({ low, high }: Alphabet): number {
  return high - low + 1;
}

/** The symbols of a tensor's weights, row-major. */
export function symbolsOf(
  tensor: UniformTensor | CodebookTensor,
): Int16Array<ArrayBuffer> {
  if (tensor.kind === "codebook") {
    const { low } = codebookAlphabet(tensor.codebook);
    return Int16Array.from(tensor.indices, (index) => index + low);
  }
  const { bits, levels } = tensor;
  return Int16Array.from(
    levels,
    (level) => bits === 1 && level > 0 ? 0 : level,
  );
}

/** The levels of `bits` bits that `symbols` stand for. */
export function levelsOf(
  symbols: Int16Array,
  bits: number,
): Int8Array<ArrayBuffer> {
  const levels = new Int8Array(symbols.length);
  for (let i = 0; i < levels.length; i++) {
    levels[i] = bits === 1 ? 2 * symbols[i] + 1 : symbols[i];
  }
  return levels;
}
