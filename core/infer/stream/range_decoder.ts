import type { BitCoder } from "./bit_coder.ts";

/** Below this, the range takes in another byte. */
const SMALLEST_RANGE = 2 ** 24;

/**
 * Decodes a range-coded stream (Martin, 1979; binary and with bytes, as in
 * LZMA): the interval [0, range), at first 2^32, is cut at ⌊range · p / 2^16⌋;
 * a value below the cut is a 1. An encoder leaves out as many of the last four
 * bytes as are 0: they are taken to be there.
 *
 * `code` throws a `SyntaxError` where it needs a byte beyond those.
 */
export class RangeDecoder implements BitCoder {
  #bytes: Uint8Array;
  #read = 0;
  #range = 2 ** 32;
  #value = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#readByte();
  }

  #readByte(): void {
    if (this.#read >= this.#bytes.length + 4) {
      throw new SyntaxError(
        `Cannot read a .dram: its stream ends before its model does: it has ${this.#bytes.length} bytes`,
      );
    }
    this.#value = this.#value * 256 + (this.#bytes[this.#read++] ?? 0);
  }

  code(probability: number, _bit?: number): number {
    const cut = Math.floor(this.#range * probability / 65536);
    const bit = this.#value < cut ? 1 : 0;
    if (bit) {
      this.#range = cut;
    } else {
      this.#range -= cut;
      this.#value -= cut;
    }
    while (this.#range < SMALLEST_RANGE) {
      this.#range *= 256;
      this.#readByte();
    }
    return bit;
  }

  /** Throws a `SyntaxError` where all has been decoded, and bytes are left that nothing has needed. */
  checkUsedUp(): void {
    const left = this.#bytes.length - this.#read;
    if (left <= 0) return;
    throw new SyntaxError(
      `Cannot read a .dram: its stream must end with its model: ${left} bytes are left over`,
    );
  }
}
