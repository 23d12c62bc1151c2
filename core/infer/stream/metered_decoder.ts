import { RangeDecoder } from "./range_decoder.ts";

/** A decoder that adds up what the bits have cost, Σ −log2 p, to say where a file's bytes go. */
export class MeteredDecoder extends RangeDecoder {
  /** Cost so far. */
  bits = 0;

  override code(probability: number): number {
    const bit = super.code(probability);
    this.bits -= Math.log2((bit ? probability : 65536 - probability) / 65536);
    return bit;
  }
}
