import { type CounterKey, counterWord } from "./counter.ts";

/**
 * Throws a `RangeError` unless 0 ≤ `rate` < 1 − 2⁻¹⁷: from there on
 * {@linkcode dropoutThreshold} drops everything, and nothing would be left to
 * learn from.
 */
export function checkDropoutRate(rate: number): void {
  if (!(rate >= 0 && dropoutThreshold(rate) < 65536)) {
    throw new RangeError(
      `Cannot drop units: the dropout rate must be ≥ 0 and < 1 − 2⁻¹⁷: current value is ${rate}`,
    );
  }
}

/**
 * Below this, an element's 16 bits drop it: round(`rate` · 2¹⁶). Two elements
 * share a word, and so a rate is exact to 2⁻¹⁷.
 */
export function dropoutThreshold(rate: number): number {
  return Math.round(rate * 65536);
}

/** Part of a sequence of dropout decisions. */
export interface DropoutRange {
  /** Share of the elements that are dropped, in [0, 1 − 2⁻¹⁷). */
  rate: number;
  /** Which sequence. */
  key: CounterKey;
  /** Place in the sequence of the part's first element, from 0. */
  first: number;
}

/**
 * Inverted dropout: mᵢ = 0 with probability p = round(`rate` · 2¹⁶) / 2¹⁶, else
 * 1 / (1 − `rate`). Fills and returns `mask`, one value an element.
 *
 * E[mᵢ] = (1 − p) / (1 − `rate`) is 1 to within 2⁻¹⁷ / (1 − `rate`), and exactly
 * 1 where `rate` is a multiple of 2⁻¹⁶, as 0.25 and 0.5 are.
 *
 * With j = `first` + i and w the {@linkcode counterWord} of `key` numbered
 * ⌊j / 2⌋, modulo 2³², mᵢ is 0 where the 16 bits of w that are j's, the lower
 * ones for an even j and the upper ones for an odd j, are less than
 * {@linkcode dropoutThreshold}. As mᵢ depends on `key` and j alone, parts of a
 * mask can be made apart, and are equal to the bit on every backend.
 *
 * Source: Srivastava et al., "Dropout", JMLR 15, 2014.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillDropoutMask } from "./dropout_mask.ts";
 *
 * const whole = fillDropoutMask(new Float32Array(8), 0.5, [1, 2], 0);
 * const part = fillDropoutMask(new Float32Array(5), 0.5, [1, 2], 3);
 * assertEquals(part, whole.slice(3));
 * ```
 */
export function fillDropoutMask(
  mask: Float32Array<ArrayBuffer>,
  rate: number,
  key: CounterKey,
  first: number,
): Float32Array<ArrayBuffer> {
  checkDropoutRate(rate);
  const kept = 1 / (1 - rate);
  const threshold = dropoutThreshold(rate);
  const odd = first % 2;
  let counter = (first - odd) / 2;
  let i = 0;
  if (odd === 1 && mask.length > 0) {
    mask[i++] = counterWord(key, counter++) >>> 16 < threshold ? 0 : kept;
  }
  for (; i < mask.length; i += 2, counter++) {
    const word = counterWord(key, counter);
    mask[i] = (word & 0xffff) < threshold ? 0 : kept;
    if (i + 1 < mask.length) mask[i + 1] = (word >>> 16) < threshold ? 0 : kept;
  }
  return mask;
}
