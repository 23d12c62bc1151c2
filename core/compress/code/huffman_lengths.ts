/**
 * Lengths of an optimal prefix code's words for symbols that occur `counts` times
 * (Huffman, 1952): joins the two rarest groups until one is left. A symbol that
 * doesn't occur has no word, length 0; one that occurs alone gets length 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { huffmanLengths } from "./huffman_lengths.ts";
 *
 * assertEquals([...huffmanLengths([1, 1, 2, 0, 4])], [3, 3, 2, 0, 1]);
 * ```
 */
export function huffmanLengths(
  counts: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const lengths = new Uint8Array(counts.length);
  const groups = Array.from(counts, (count, symbol) => ({
    count,
    symbols: [symbol],
  })).filter(({ count }) => count > 0);
  if (groups.length === 1) lengths[groups[0].symbols[0]] = 1;
  while (groups.length > 1) {
    groups.sort((a, b) => b.count - a.count);
    const [second, first] = groups.splice(-2);
    const symbols = [...first.symbols, ...second.symbols];
    for (const symbol of symbols) lengths[symbol]++;
    groups.push({ count: first.count + second.count, symbols });
  }
  return lengths;
}

/** How often each of the numbers below `size` occurs in `values`. */
export function countValues(
  values: Iterable<number>,
  size: number,
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(size);
  for (const value of values) counts[value]++;
  return counts;
}
