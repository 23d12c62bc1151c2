import { AdaptiveCells } from "./adaptive_cells.ts";
import type { BitCoder } from "./bit_coder.ts";
import { type Alphabet, alphabetSize } from "./alphabet.ts";
import type { LevelPredictor } from "./level_predictor.ts";
import { squash, stretch } from "./logistic.ts";

/** Decisions of the largest alphabet, 256 symbols, numbered as in a heap. */
const MOST_NODES = 512;

/** Mixing weights in 65,536ths: of a cell, and of the predictor. */
const FIRST_WEIGHTS = [13107, 52429];

/**
 * Codes symbols as a row of binary decisions: is it in the upper half of the
 * symbols that are left? The probability of each decision is the logistic mixture
 * (Mahoney, 2005) of how the same decision came out before and what a
 * `LevelPredictor` expects.
 *
 * It learns from tensor to tensor of a file: alphabets of one size share cells.
 */
export class LevelModel {
  #cells = new Map<number, AdaptiveCells>();
  /** A pair for each kind of decision: between more than two symbols or two, with 0 among them or not. */
  #weights = [0, 1, 2, 3].map(() => Int32Array.from(FIRST_WEIGHTS));

  #cellsOf(size: number): AdaptiveCells {
    const cells = this.#cells.get(size) ?? new AdaptiveCells(MOST_NODES);
    this.#cells.set(size, cells);
    return cells;
  }

  /** A model that has learnt the same, to try a way of coding with. */
  clone(): LevelModel {
    const copy = new LevelModel();
    for (const [size, cells] of this.#cells) {
      copy.#cells.set(size, cells.clone());
    }
    copy.#weights = this.#weights.map((weights) => weights.slice());
    return copy;
  }

  /** Passes one symbol of `alphabet`, of which `predictor` expects something. */
  code(
    coder: BitCoder,
    alphabet: Alphabet,
    predictor: LevelPredictor,
    symbol: number,
  ): number {
    const cells = this.#cellsOf(alphabetSize(alphabet));
    let { low, high } = alphabet;
    let [below, upTo] = [0, 65536];
    let node = 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const cut = predictor.cumulate(middle);
      const expected = Math.floor(
        (upTo - cut + 8) * 65536 / (upTo - below + 16),
      );
      const kind = (high - low > 2 ? 0 : 1) + (low <= 0 && high >= 0 ? 2 : 0);
      const bit = this.#decide(coder, cells, {
        node,
        expected,
        weights: this.#weights[kind],
        bit: symbol > middle ? 1 : 0,
      });
      [low, below] = bit ? [middle + 1, cut] : [low, below];
      [high, upTo] = bit ? [high, upTo] : [middle, cut];
      node = 2 * node + bit;
    }
    return low;
  }

  /** Passes one decision, whose cell is `node` and which is `expected` to be 1 so often. */
  #decide(
    coder: BitCoder,
    cells: AdaptiveCells,
    { node, expected, weights, bit }: {
      node: number;
      expected: number;
      weights: Int32Array;
      bit: number;
    },
  ): number {
    const seen = stretch(cells.share(node, expected));
    const foreseen = stretch(expected);
    const sum = weights[0] * seen + weights[1] * foreseen;
    const mixed = squash(Math.floor(sum / 65536));
    const coded = coder.code(mixed, bit);
    const error = coded * 65536 - mixed;
    weights[0] += Math.floor(error * seen / 65536);
    weights[1] += Math.floor(error * foreseen / 65536);
    cells.learn(node, coded);
    return coded;
  }
}
