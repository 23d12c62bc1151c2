import type { BitCoder } from "../../infer/stream/bit_coder.ts";

/**
 * Encodes what a `RangeDecoder` decodes; of all streams that decode to the same
 * bits the shortest, but for zeros that it can't leave out.
 */
export class RangeEncoder implements BitCoder {
  #bytes: number[] = [];
  #low = 0;
  #range = 2 ** 32;

  code(probability: number, bit: number): number {
    const cut = Math.floor(this.#range * probability / 65536);
    if (bit) {
      this.#range = cut;
    } else {
      this.#range -= cut;
      this.#low += cut;
    }
    this.#carry();
    while (this.#range < 2 ** 24) {
      this.#range *= 256;
      this.#writeByte();
    }
    return bit;
  }

  #writeByte(): void {
    this.#bytes.push(Math.floor(this.#low / 2 ** 24));
    this.#low = this.#low % 2 ** 24 * 256;
  }

  /** Adds what has grown out of `low` to the bytes before it. */
  #carry(): void {
    if (this.#low < 2 ** 32) return;
    this.#low -= 2 ** 32;
    let place = this.#bytes.length - 1;
    while (this.#bytes[place] === 255) this.#bytes[place--] = 0;
    this.#bytes[place]++;
  }

  /** Ends the stream: its bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    // The number of the interval that ends in the most zero bytes.
    const unit =
      [2 ** 32, 2 ** 24, 2 ** 16, 2 ** 8, 1].find((unit) =>
        Math.ceil(this.#low / unit) * unit < this.#low + this.#range
      ) ?? 1;
    this.#low = Math.ceil(this.#low / unit) * unit;
    this.#carry();
    for (let i = 0; i < 4; i++) this.#writeByte();
    for (let i = 0; i < 4 && this.#bytes.at(-1) === 0; i++) this.#bytes.pop();
    return Uint8Array.from(this.#bytes);
  }
}
