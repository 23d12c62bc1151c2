const UINT32 = 2 ** 32;

/** State of a {@linkcode Xoshiro128}: four 32-bit words, not all zero. */
export type Xoshiro128State = readonly [number, number, number, number];

/**
 * The xoshiro128** generator: 32-bit words, period 2¹²⁸ − 1.
 *
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47(4), 2021.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Xoshiro128 } from "./xoshiro128.ts";
 *
 * const random = new Xoshiro128([1, 2, 3, 4]);
 * assertEquals([random.uint32(), random.uint32()], [11520, 0]);
 * ```
 */
export class Xoshiro128 {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Starts the generator in `state`; throws where all four words are zero. */
  constructor(state: Xoshiro128State) {
    [this.#a, this.#b, this.#c, this.#d] = state.map((word) => word >>> 0);
    if ((this.#a | this.#b | this.#c | this.#d) === 0) {
      throw new RangeError(
        "Cannot start a generator: at least one word of its state must differ from 0",
      );
    }
  }

  /** The next word, uniform over the integers of [0, 2³²). */
  uint32(): number {
    const fives = Math.imul(this.#b, 5);
    const result = Math.imul((fives << 7) | (fives >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** The next number, uniform over [0, 1) in steps of 2⁻³². */
  uniform(): number {
    return this.uint32() / UINT32;
  }

  /**
   * The next integer, uniform over [0, `limit`): words that would favour small
   * values are drawn again.
   */
  below(limit: number): number {
    if (!Number.isInteger(limit) || limit < 1 || limit > UINT32) {
      throw new RangeError(
        `Cannot draw an integer: \`limit\` must be an integer from 1 to 2³²: current value is ${limit}`,
      );
    }
    const whole = UINT32 - (UINT32 % limit);
    let word = this.uint32();
    while (word >= whole) word = this.uint32();
    return word % limit;
  }
}
