import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedTensor } from "../infer/encoded_tensor.ts";
import { encodeHalf, roundToHalf } from "../infer/half.ts";

/** Numbers of `width` bits, one behind the other, the lowest bit of each first. */
export interface PackedNumbers {
  /** Bits of one: 1 to 8. */
  width: number;
  /** One byte more than they fill, so that two can be read for any of them. */
  data: Uint8Array<ArrayBuffer>;
}

/** A weight tensor in the form that takes the fewest bytes and needs no decoder. */
export type PackedTensor =
  /** w = (least + step · n) · scale. */
  | {
    kind: "levels";
    numbers: PackedNumbers;
    least: number;
    step: number;
    scale: Float32Array<ArrayBuffer>;
  }
  /** w = codebook[n]. */
  | {
    kind: "codebook";
    numbers: PackedNumbers;
    codebook: Float32Array<ArrayBuffer>;
  }
  /** The 16 bits of each weight, a float16. */
  | { kind: "halves"; halves: Uint16Array<ArrayBuffer> }
  | { kind: "floats"; values: Float32Array<ArrayBuffer> };

/** `numbers`, the largest of which is `most`, in as few bits each as that takes. */
function packNumbers(numbers: ArrayLike<number>, most: number): PackedNumbers {
  const width = Math.max(1, Math.ceil(Math.log2(most + 1)));
  const data = new Uint8Array(Math.ceil(numbers.length * width / 8) + 1);
  for (let i = 0; i < numbers.length; i++) {
    const [byte, shift] = [Math.floor(i * width / 8), i * width % 8];
    data[byte] |= numbers[i] << shift;
    data[byte + 1] |= numbers[i] << shift >> 8;
  }
  return { width, data };
}

/** Bytes that a program holds of `packed`. */
export function packedBytes(packed: PackedTensor): number {
  switch (packed.kind) {
    case "levels":
      return packed.numbers.data.length + packed.scale.byteLength;
    case "codebook":
      return packed.numbers.data.length + packed.codebook.byteLength;
    case "halves":
      return packed.halves.byteLength;
    case "floats":
      return packed.values.byteLength;
    default:
      return packed satisfies never;
  }
}

/** `tensor` as the file holds it, its levels or indices in as few bits as they take. */
function packEncoded(tensor: EncodedTensor): PackedTensor[] {
  switch (tensor.kind) {
    case "uniform": {
      const { levels, scale, bits } = tensor;
      const least = levels.reduce((a, b) => Math.min(a, b));
      const most = levels.reduce((a, b) => Math.max(a, b));
      // Levels of one bit are −1 and 1.
      const step = bits === 1 ? 2 : 1;
      const numbers = packNumbers(
        Uint8Array.from(levels, (level) => (level - least) / step),
        (most - least) / step,
      );
      return [{ kind: "levels", numbers, least, step, scale }];
    }
    case "codebook": {
      const { codebook, indices } = tensor;
      const numbers = packNumbers(indices, codebook.length - 1);
      return [{ kind: "codebook", numbers, codebook }];
    }
    case "float":
      return [];
    default:
      return tensor satisfies never;
  }
}

/** `tensor` as its plain numbers. */
function packPlain(tensor: EncodedTensor): PackedTensor {
  const { values } = decodeTensor(tensor);
  return values.every((value) => roundToHalf(value) === value)
    ? { kind: "halves", halves: Uint16Array.from(values, encodeHalf) }
    : { kind: "floats", values };
}

/**
 * `tensor` in the smallest form that gives its numbers back exactly: levels or
 * indices in as few bits as they take, with their scales or codebook, or else
 * float16s, or float32s.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packedBytes, packTensor } from "./pack_tensor.ts";
 *
 * const levels = new Int8Array(64).map((_, i) => i % 8 - 4);
 * const scale = Float32Array.of(0.5);
 * const packed = packTensor({ kind: "uniform", shape: [8, 8], bits: 3, scale, levels });
 * assertEquals([packed.kind, packedBytes(packed)], ["levels", 64 * 3 / 8 + 1 + 4]);
 * ```
 */
export function packTensor(tensor: EncodedTensor): PackedTensor {
  return [...packEncoded(tensor), packPlain(tensor)]
    .reduce((best, next) =>
      packedBytes(next) < packedBytes(best) ? next : best
    );
}
