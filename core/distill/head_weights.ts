import { checksum } from "../files/checksum.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";

/** Names of a head's weights, in the order in which a student holds them. */
const NAMES = ["hidden/kernel", "hidden/bias", "logits/kernel", "logits/bias"];

/** A student's head, which is all that it doesn't share, as safetensors, with its checksum. */
export function encodeHead(head: FloatArray[]): Uint8Array<ArrayBuffer> {
  const tensors = new Map(head.map((array, index) => [NAMES[index], array]));
  const sum = checksum(encodeSafeTensors({ tensors, metadata: {} }));
  return encodeSafeTensors({ tensors, metadata: { crc32: `${sum}` } });
}

/**
 * The inverse of {@linkcode encodeHead}; `source` is what errors call it. Throws
 * a `SyntaxError` where it is malformed, or a byte of it has changed; of those that were
 * written before there were checksums, where it is malformed.
 */
export function decodeHead(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): FloatArray[] {
  const { tensors, metadata } = decodeSafeTensors(bytes, source);
  const head = NAMES.map((name) => {
    const array = tensors.get(name);
    if (array) return array;
    throw new SyntaxError(
      `Cannot read the head of ${source}: it must hold ${name}: it does not`,
    );
  });
  // Byte by byte, so that no change at all goes unseen, be it in a name or a space.
  const written = Object.keys(metadata).length === 0
    ? encodeSafeTensors({ tensors, metadata })
    : encodeHead(head);
  if (
    written.length !== bytes.length || checksum(written) !== checksum(bytes)
  ) {
    throw new SyntaxError(
      `Cannot read the head of ${source}: it must be what was written: its checksum is another; bring back a copy of it, or train it again`,
    );
  }
  return head;
}
