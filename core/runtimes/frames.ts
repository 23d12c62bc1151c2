/** What a frame holds: text, which is JSON, or bytes, or numbers in little endian. */
export type FrameKind = "text" | "bytes";

/** A message between a runtime's process and ours. */
export interface Frame {
  kind: FrameKind;
  content: Uint8Array<ArrayBuffer>;
}

const KINDS = ["text", "bytes"] as const;
/** A frame's length in 4 bytes, and its kind in one. */
const HEADER_BYTES = 5;

/** Reads frames from a stream of bytes. */
export class FrameReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What has come and isn't read yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next `length` bytes; undefined where the stream ends before. */
  async #take(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0) {
        const { value } = await this.#reader.read();
        if (value === undefined) return undefined;
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return taken;
  }

  /**
   * The next frame; undefined where the stream ends. Throws a `RangeError` for one of
   * more than `most` bytes, before any is allocated.
   */
  async read(most: number): Promise<Frame | undefined> {
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
    const content = await this.#take(length);
    return content && { kind, content };
  }

  /** Reads what is left, which nobody wants. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Writes a frame whole. */
export async function writeFrame(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  kind: FrameKind,
  content: Uint8Array,
): Promise<void> {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, content.length, true);
  view.setUint8(4, KINDS.indexOf(kind));
  await writer.write(header);
  if (content.length > 0) await writer.write(content);
}

/** Writes a text, as JSON. */
export async function writeText(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  said: object,
): Promise<void> {
  await writeFrame(
    writer,
    "text",
    new TextEncoder().encode(JSON.stringify(said)),
  );
}
