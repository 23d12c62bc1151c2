/** What a field of a flatbuffer's table holds. */
export type FlatValue =
  | { int8: number }
  | { int32: number }
  | { float32: number }
  | { text: string }
  | { int32s: readonly number[] }
  | { bytes: Uint8Array }
  | { table: FlatTable }
  | { tables: readonly FlatTable[] };

/** The fields of a table in the order of its schema; left out where undefined. */
export type FlatTable = readonly (FlatValue | undefined)[];

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(1024);
  length = 0;

  /** Room for `size` bytes, of which the one at `offset` is at a multiple of `align`; gives where they begin. */
  take(
    size: number,
    { align, offset = 0 }: { align: number; offset?: number },
  ) {
    while ((this.length + offset) % align !== 0) this.length++;
    const at = this.length;
    this.length += size;
    if (this.length > this.#bytes.length) {
      const more = new Uint8Array(2 * this.length);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    return at;
  }

  set(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  get view(): DataView<ArrayBuffer> {
    return new DataView(this.#bytes.buffer);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

/** Bytes to whose multiples vectors of bytes are aligned. */
const ALIGNED = 16;

/** Writes `value`, which is no number, behind what there is; gives where it begins. */
function writeValue(
  out: Bytes,
  value: Exclude<
    FlatValue,
    { int8: number } | { int32: number } | { float32: number }
  >,
): number {
  if ("table" in value) return writeTable(out, value.table);
  if ("text" in value) {
    const text = new TextEncoder().encode(value.text);
    const at = out.take(4 + text.length + 1, { align: 4 });
    out.view.setUint32(at, text.length, true);
    out.set(at + 4, text);
    return at;
  }
  if ("bytes" in value) {
    const { bytes } = value;
    const at = out.take(4 + bytes.length, { align: ALIGNED, offset: 4 });
    out.view.setUint32(at, bytes.length, true);
    out.set(at + 4, bytes);
    return at;
  }
  const count = "int32s" in value ? value.int32s.length : value.tables.length;
  const at = out.take(4 + 4 * count, { align: 4 });
  out.view.setUint32(at, count, true);
  if ("int32s" in value) {
    value.int32s.forEach((each, i) =>
      out.view.setInt32(at + 4 + 4 * i, each, true)
    );
  } else {
    value.tables.forEach((each, i) => {
      const slot = at + 4 + 4 * i;
      const to = writeTable(out, each);
      out.view.setUint32(slot, to - slot, true);
    });
  }
  return at;
}

/** Writes `table` behind its vtable, and what it leads to behind it. */
function writeTable(out: Bytes, table: FlatTable): number {
  const entries = [...table.entries()].flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, value }]
  );
  const fields = 1 + Math.max(-1, ...entries.map(({ field }) => field));
  const header = 4 + 2 * fields;
  const size = 4 + 4 * entries.length;
  const vtable = out.take(header + size, { align: 4, offset: header });
  const at = vtable + header;
  out.view.setUint16(vtable, header, true);
  out.view.setUint16(vtable + 2, size, true);
  out.view.setInt32(at, at - vtable, true);
  entries.forEach(({ field, value }, index) => {
    const slot = at + 4 + 4 * index;
    out.view.setUint16(vtable + 4 + 2 * field, slot - at, true);
    if ("int8" in value) out.view.setInt8(slot, value.int8);
    else if ("int32" in value) out.view.setInt32(slot, value.int32, true);
    else if ("float32" in value) {
      out.view.setFloat32(slot, value.float32, true);
    } else {
      const to = writeValue(out, value);
      out.view.setUint32(slot, to - slot, true);
    }
  });
  return at;
}

/**
 * A flatbuffer whose root is `root`, with an identifier of four letters: what leads
 * comes before what it leads to. A number takes four bytes, or the first of four.
 *
 * Source: the format's own description, "FlatBuffers internals".
 */
export function writeFlatbuffer(
  root: FlatTable,
  identifier: string,
): Uint8Array<ArrayBuffer> {
  const out = new Bytes();
  out.take(8, { align: 4 });
  out.set(4, new TextEncoder().encode(identifier));
  // First of all: what grows has another view.
  const at = writeTable(out, root);
  out.view.setUint32(0, at, true);
  return out.finish();
}
