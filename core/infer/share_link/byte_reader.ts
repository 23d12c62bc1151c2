/** Reads packed numbers; throws a `SyntaxError` where bytes are missing. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all bytes have been read. */
  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  /** The next byte. */
  readByte(): number {
    if (this.isAtEnd) throw new SyntaxError("it is cut short");
    return this.#bytes[this.#position++];
  }

  /** The next `count` bytes, which are checked to be there. */
  readBytes(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#position) {
      throw new SyntaxError("it is cut short");
    }
    this.#position += count;
    return this.#bytes.subarray(this.#position - count, this.#position);
  }

  /** A number from 0 to 32,767: below 128 in one byte, else in two, high bits first. */
  readNumber(): number {
    const first = this.readByte();
    return first < 128 ? first : (first - 128) * 256 + this.readByte();
  }

  /** A number from −16,384 to 16,383, its sign in the lowest bit. */
  readSigned(): number {
    const code = this.readNumber();
    return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  }
}
