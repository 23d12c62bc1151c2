import {
  decodeSafeTensors,
  encodeSafeTensors,
  type FloatArray,
} from "../files/safetensors.ts";

/** Names of a head's weights, in the order in which a student holds them. */
const NAMES = ["hidden/kernel", "hidden/bias", "logits/kernel", "logits/bias"];

/** A student's head, which is all that it doesn't share, as safetensors. */
export function encodeHead(head: FloatArray[]): Uint8Array<ArrayBuffer> {
  const tensors = new Map(head.map((array, index) => [NAMES[index], array]));
  return encodeSafeTensors({ tensors, metadata: {} });
}

/**
 * The inverse of {@linkcode encodeHead}; `source` is what errors call it. Throws
 * a `SyntaxError` where it is malformed.
 */
export function decodeHead(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): FloatArray[] {
  const { tensors } = decodeSafeTensors(bytes, source);
  return NAMES.map((name) => {
    const array = tensors.get(name);
    if (array) return array;
    throw new SyntaxError(
      `Cannot read the head of ${source}: it must hold ${name}: it does not`,
    );
  });
}
