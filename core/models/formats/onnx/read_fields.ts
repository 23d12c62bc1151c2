/** A field of a protobuf message: an integer, or bytes: a text, numbers, a message. */
export interface Field {
  number: number;
  value: number | Uint8Array<ArrayBuffer>;
}

/** Where a message is read. */
interface Cursor {
  bytes: Uint8Array<ArrayBuffer>;
  at: number;
}

/** Bytes that a varint of 64 bits takes. */
const MOST_VARINT = 10;
/** Of these, so many fit a double as they are. */
const EXACT_VARINT = 7;

/** What errors say of bytes that are no message. */
function refuse(source: string): never {
  throw new SyntaxError(
    `Cannot load ${source}: it must be an ONNX file, whole and with nothing behind it: its bytes are no protobuf; copy it again, or export it anew`,
  );
}

/** A signed integer of 64 bits; beyond 2^53 the nearest double. */
function readVarint(cursor: Cursor, source: string): number {
  const { bytes } = cursor;
  let value = 0;
  let long = 0n;
  for (let place = 0; place < MOST_VARINT; place++) {
    if (cursor.at >= bytes.length) refuse(source);
    const byte = bytes[cursor.at++];
    if (place < EXACT_VARINT) {
      value += (byte & 127) * 2 ** (7 * place);
      if (byte < 128) return value;
      if (place === EXACT_VARINT - 1) long = BigInt(value);
      continue;
    }
    long |= BigInt(byte & 127) << BigInt(7 * place);
    if (byte < 128) return Number(BigInt.asIntN(64, long));
  }
  return refuse(source);
}

/** The next `length` bytes, which are looked at where they lie. */
function take(
  cursor: Cursor,
  length: number,
  source: string,
): Uint8Array<ArrayBuffer> {
  const end = cursor.at + length;
  if (!(length >= 0 && end <= cursor.bytes.length)) refuse(source);
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

/**
 * The fields of a protobuf message one after another. Nothing is copied, and no length
 * is believed before it is known to lie within the message; a field of a number of 32 or
 * 64 bits gives its bytes.
 *
 * Throws a `SyntaxError` where `bytes` are no such message; `source` is what it calls
 * the file.
 */
export function* readFields(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Generator<Field, void> {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor, source);
    const number = Math.floor(tag / 8);
    if (number < 1) refuse(source);
    switch (tag % 8) {
      case 0:
        yield { number, value: readVarint(cursor, source) };
        break;
      case 1:
        yield { number, value: take(cursor, 8, source) };
        break;
      case 2:
        yield {
          number,
          value: take(cursor, readVarint(cursor, source), source),
        };
        break;
      case 5:
        yield { number, value: take(cursor, 4, source) };
        break;
      default:
        refuse(source); // groups, which ONNX has none of
    }
  }
}

/** The integers that lie packed in `bytes`, each read as it is asked for. */
export function* readPacked(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Generator<number, void> {
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) yield readVarint(cursor, source);
}

/** How many integers lie packed in `bytes`. */
export function countPacked(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte < 128) count++;
  return count;
}
