import type { BitCoder } from "../../infer/stream/bit_coder.ts";

/** Adds up what bits would cost, Σ −log2 p, and writes nothing. */
export class BitMeter implements BitCoder {
  /** Cost so far. */
  bits = 0;

  code(probability: number, bit: number): number {
    const share = (bit ? probability : 65536 - probability) / 65536;
    this.bits -= Math.log2(share);
    return bit;
  }
}
