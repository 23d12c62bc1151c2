import { type Alphabet, alphabetSize } from "./alphabet.ts";
import { squash } from "./logistic.ts";

/** Shares of the neighbours in the first prediction, in 65,536ths. */
const FIRST_SHARES = [19661, 16384, 0, 3277, 0, 0, 0, 0];

/** How many neighbours of a weight {@linkcode LevelPredictor} looks at. */
export const NEIGHBOURS = FIRST_SHARES.length;

/** Errors before the first, as a share of the alphabet's size: 43 / 256, twice. */
const FIRST_ERROR = 43;
const FIRST_COUNT = 2 * 256;

/** Share of zeros by themselves before the first weight. */
const FIRST_SPIKE = 4096;

/** Symbols that are remembered. */
const LONGEST_MEMORY = 1024;

/**
 * Expects a weight to be 0 with some probability, as pruned ones are, and else
 * logistically distributed about a weighted sum of its neighbours. All three are
 * learnt on the way: the neighbours' shares by normalised least mean squares
 * (Widrow and Hoff, 1960), the zeros and the spread by how much each weight belongs
 * to the one or the other (Dempster, Laird and Rubin, 1977, step by step).
 *
 * Values are in 256ths of a step, probabilities and shares in 65,536ths.
 */
export class LevelPredictor {
  #shares = Int32Array.from(FIRST_SHARES);
  #offset: number;
  /** Keeps shares calm where neighbours are near 0. */
  #floor: number;
  /** Sum of errors, and how many there were, in 256ths. */
  #errors: number;
  #count = FIRST_COUNT;
  /** Share of weights that are 0 beyond what the distribution makes so. */
  #spike: number;
  #seen = 3;
  #mean = 0;
  #spread = 0;

  constructor(alphabet: Alphabet) {
    const size = alphabetSize(alphabet);
    this.#offset = alphabet.offset;
    this.#floor = Math.max(1, size * size >> 3) * 65536;
    this.#errors = FIRST_ERROR * size * (FIRST_COUNT / 256);
    this.#spike = alphabet.offset === 0 ? FIRST_SPIKE : 0;
  }

  /** Expects the next weight, given those around it; see {@linkcode NEIGHBOURS}. */
  expect(neighbours: Int32Array): void {
    let sum = 0;
    for (let i = 0; i < NEIGHBOURS; i++) {
      sum += this.#shares[i] * neighbours[i];
    }
    this.#mean = Math.floor(sum / 65536);
    // Of a logistic distribution, the mean absolute error is 2 ln 2 spreads: 256 / 184.
    this.#spread = Math.max(16, Math.floor(this.#errors * 184 / this.#count));
  }

  /** The logistic distribution's share up to `symbol`. */
  #logistic(symbol: number): number {
    const edge = symbol * 256 + 128 + this.#offset;
    return squash(Math.trunc((edge - this.#mean) * 256 / this.#spread));
  }

  /** The share that symbols up to `symbol` have. */
  cumulate(symbol: number): number {
    const share = this.#logistic(symbol) * (65536 - this.#spike);
    return Math.floor(share / 65536) + (symbol >= 0 ? this.#spike : 0);
  }

  /** How much of a 0 is a zero by itself. */
  #attribute(): number {
    const usual = this.#logistic(0) - this.#logistic(-1);
    const rest = Math.floor((65536 - this.#spike) * usual / 65536);
    return Math.floor(this.#spike * 65536 / (this.#spike + rest));
  }

  /** Learns that the weight was `symbol`. */
  learn(symbol: number, neighbours: Int32Array): void {
    const error = symbol * 256 + this.#offset - this.#mean;
    const spiked = symbol === 0 && this.#offset === 0 ? this.#attribute() : 0;
    if (this.#offset === 0) {
      const step = Math.trunc((spiked - this.#spike) / this.#seen);
      this.#spike = Math.max(64, Math.min(65000, this.#spike + step));
      if (this.#seen < LONGEST_MEMORY) this.#seen++;
    }
    this.#errors += Math.floor(Math.abs(error) * (65536 - spiked) / 65536);
    this.#count += (65536 - spiked) >> 8;
    if (this.#count >= LONGEST_MEMORY * 256) {
      this.#count >>= 1;
      this.#errors = Math.floor(this.#errors / 2);
    }
    this.#learnShares(error, neighbours);
  }

  #learnShares(error: number, neighbours: Int32Array): void {
    let energy = this.#floor;
    for (let i = 0; i < NEIGHBOURS; i++) energy += neighbours[i] ** 2;
    for (let i = 0; i < NEIGHBOURS; i++) {
      const step = Math.trunc(error * neighbours[i] * 4096 / energy);
      const share = this.#shares[i] + step;
      this.#shares[i] = Math.max(-131072, Math.min(131072, share));
    }
  }
}
