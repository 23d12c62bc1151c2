/** Past this many bits, a cell follows new ones no more slowly. */
const LONGEST_MEMORY = 1000;

/**
 * How often each of some decisions has come out as 1: after n bits a cell moves by
 * 2 / (2n + 5) of the way to the next, so that it soon knows.
 */
export class AdaptiveCells {
  #probability: Uint16Array<ArrayBuffer>;
  #count: Uint16Array<ArrayBuffer>;

  constructor(count: number) {
    this.#probability = new Uint16Array(count).fill(32768);
    this.#count = new Uint16Array(count);
  }

  /** The share of 1s in 65,536ths; `otherwise` as long as `cell` has seen no bit. */
  share(cell: number, otherwise = 32768): number {
    if (this.#count[cell] === 0) this.#probability[cell] = otherwise;
    return this.#probability[cell];
  }

  /** Learns that the next bit of `cell` was `bit`. */
  learn(cell: number, bit: number): void {
    const share = this.#probability[cell];
    const count = this.#count[cell];
    const step = Math.trunc((bit * 65536 - share) * 2 / (2 * count + 5));
    this.#probability[cell] = Math.max(32, Math.min(65504, share + step));
    if (count < LONGEST_MEMORY) this.#count[cell]++;
  }

  /** Cells that have seen the same. */
  clone(): AdaptiveCells {
    const copy = new AdaptiveCells(0);
    copy.#probability = this.#probability.slice();
    copy.#count = this.#count.slice();
    return copy;
  }
}
