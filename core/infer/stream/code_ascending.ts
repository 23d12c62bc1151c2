import type { Alphabet } from "./alphabet.ts";
import type { BitCoder } from "./bit_coder.ts";

/** Whether `symbols` never fall. */
export function isAscending(symbols: Int16Array): boolean {
  return symbols.every((symbol, i) => i === 0 || symbol >= symbols[i - 1]);
}

/**
 * Passes n symbols in ascending order, of an alphabet of k: from the least
 * symbol on, is the next one this, or does it lie above? With r symbols and u steps
 * up to come, this has probability r / (r + u), so that each of the C(n + k − 1, n)
 * possible rows costs the same: log2 (n!) bits less than in any order, about, since that
 * order says nothing. Fills `symbols` where `coder` decodes.
 */
export function codeAscending(
  coder: BitCoder,
  { low, high }: Alphabet,
  symbols: Int16Array,
): void {
  let symbol = low;
  for (let place = 0; place < symbols.length;) {
    const left = symbols.length - place;
    const share = Math.floor(65536 * left / (left + high - symbol));
    const probability = Math.max(1, share);
    const stays = symbol === high ||
      coder.code(probability, symbols[place] === symbol ? 1 : 0) === 1;
    if (stays) symbols[place++] = symbol;
    else symbol++;
  }
}
