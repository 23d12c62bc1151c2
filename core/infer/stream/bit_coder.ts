/**
 * What bits pass through, one by one: a decoder, which finds out each bit; an
 * encoder, which is told each; or a meter, which adds up what they cost.
 *
 * Everything in a `.dram` file's stream is written once, as a function that
 * passes a value's bits through a coder and returns the value: with a decoder it
 * reads, and the value that it is given is not looked at; with an encoder it
 * writes. So a reader and a writer can't disagree.
 */
export interface BitCoder {
  /**
   * Passes one bit: 1 with `probability` / 65,536, an integer from 1 to 65,535.
   * Returns the bit.
   */
  code(probability: number, bit: number): number;
}

/** The probability of a bit that is as likely 0 as 1. */
export const EVEN = 32768;
