/** What a frame holds: text, which is JSON, or bytes, or numbers in little endian. */
export type FrameKind = "text" | "bytes";

/** A message between a runtime's process and ours. */
export interface Frame {
  kind: FrameKind;
  content: Uint8Array<ArrayBuffer>;
}

/** A part of a frame's content. */
export interface FramePart {
  content: Uint8Array<ArrayBuffer>;
  /** Whether it is the frame's last. */
  isLast: boolean;
}

const KINDS = ["text", "bytes"] as const;
/** A frame's length in 4 bytes, and its kind in one. */
const HEADER_BYTES = 5;

/** Reads frames from a stream of bytes. */
export class FrameReader {
  readonly #reader: ReadableStreamBYOBReader;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader({ mode: "byob" });
  }

  /** The next `length` bytes; undefined where the stream ends before. */
  async #take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      // It takes the buffer with it, and brings it back: nothing is copied.
      const { value, done } = await this.#reader.read(taken.subarray(filled));
      if (done) return undefined;
      filled += value.length;
      taken = new Uint8Array(value.buffer, 0, length);
    }
    return taken;
  }

  /** The next frame's kind, and how long its content is; undefined where the stream ends. */
  async #begin(
    most: number,
  ): Promise<{ kind: FrameKind; length: number } | undefined> {
    const header = await this.#take(HEADER_BYTES);
    if (!header) return undefined;
    const view = new DataView(header.buffer);
    const length = view.getUint32(0, true);
    const kind = KINDS[view.getUint8(4)];
    if (kind === undefined || length > most) {
      throw new RangeError(
        `a message must have at most ${most} bytes: it has ${length}`,
      );
    }
    return { kind, length };
  }

  /**
   * The next frame; undefined where the stream ends. Throws a `RangeError` for one of
   * more than `most` bytes, before any is allocated.
   */
  async read(most: number): Promise<Frame | undefined> {
    const begun = await this.#begin(most);
    const content = begun && await this.#take(begun.length);
    return content && { kind: begun.kind, content };
  }

  /**
   * The contents of all frames that are left, in parts of `length` bytes, the last of each
   * shorter where that doesn't divide it: a part is there as soon as its bytes are. Throws
   * as `read` does.
   */
  async *readParts(
    most: number,
    length: number,
  ): AsyncGenerator<FramePart, void> {
    for (;;) {
      const begun = await this.#begin(most);
      if (!begun) return;
      for (let left = begun.length; left > 0; left -= length) {
        const content = await this.#take(Math.min(left, length));
        if (!content) return;
        yield { content, isLast: left <= length };
      }
    }
  }

  /** Reads what is left, which nobody wants. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** A text's content: JSON. */
export function encodeText(said: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(said));
}

/** What says how long a frame is, and its kind. */
function packHeader(
  kind: FrameKind,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, content.length, true);
  view.setUint8(4, KINDS.indexOf(kind));
  return header;
}

/** The bytes of a frame, which is small, in one piece. */
export function packFrame(
  kind: FrameKind,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + content.length);
  bytes.set(packHeader(kind, content));
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

/** Writes a frame whole. */
export async function writeFrame(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  kind: FrameKind,
  content: Uint8Array,
): Promise<void> {
  await writer.write(packHeader(kind, content));
  if (content.length > 0) await writer.write(content);
}
