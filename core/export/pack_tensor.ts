import { decodeTensor } from "../infer/decode_tensor.ts";
import type { EncodedTensor } from "../infer/encoded_tensor.ts";
import { encodeHalf, roundToHalf } from "../infer/half.ts";

/** Numbers of `width` bits, one behind the other, the lowest bit of each first. */
export interface PackedNumbers {
  /** How many. */
  count: number;
  /** Bits of one: 1 to 8. */
  width: number;
  /** One byte more than they fill, so that two can be read for any of them. */
  data: Uint8Array<ArrayBuffer>;
}

/**
 * Which weights are there, of a tensor most of whose are 0: how many zeros come before
 * each of them, the weights of the first output channel coming first, and behind the last
 * how many end the tensor. Where more zeros lie between than a gap can say, a weight that
 * is there is 0.
 */
export type Gaps = PackedNumbers;

/** A weight tensor in the form that takes the fewest bytes and needs no decoder. */
export type PackedTensor =
  /** w = (least + step · n) · scale. */
  | {
    kind: "levels";
    /** One a weight, or one for each that is there. */
    numbers: PackedNumbers;
    gaps?: Gaps;
    least: number;
    step: number;
    scale: Float32Array<ArrayBuffer>;
  }
  /** w = codebook[n]. */
  | {
    kind: "codebook";
    /** One a weight, or one for each that is there. */
    numbers: PackedNumbers;
    gaps?: Gaps;
    codebook: Float32Array<ArrayBuffer>;
  }
  /** The 16 bits of each weight, a float16. */
  | { kind: "halves"; halves: Uint16Array<ArrayBuffer> }
  | { kind: "floats"; values: Float32Array<ArrayBuffer> };

/** `numbers`, the largest of which is `most`, in as few bits each as that takes. */
export function packNumbers(
  numbers: ArrayLike<number>,
  most: number,
): PackedNumbers {
  const width = Math.max(1, Math.ceil(Math.log2(most + 1)));
  const data = new Uint8Array(Math.ceil(numbers.length * width / 8) + 1);
  for (let i = 0; i < numbers.length; i++) {
    const [byte, shift] = [Math.floor(i * width / 8), i * width % 8];
    data[byte] |= numbers[i] << shift;
    data[byte + 1] |= numbers[i] << shift >> 8;
  }
  return { count: numbers.length, width, data };
}

/** Bytes that a program holds of `packed`. */
export function packedBytes(packed: PackedTensor): number {
  const gaps = "gaps" in packed ? packed.gaps?.data.length ?? 0 : 0;
  switch (packed.kind) {
    case "levels":
      return packed.numbers.data.length + gaps + packed.scale.byteLength;
    case "codebook":
      return packed.numbers.data.length + gaps + packed.codebook.byteLength;
    case "halves":
      return packed.halves.byteLength;
    case "floats":
      return packed.values.byteLength;
    default:
      return packed satisfies never;
  }
}

/** Numbers and gaps of `all` but for most of its zeros. */
function dropZeros(
  all: ArrayLike<number>,
  { zero, channels, width }: {
    /** The number of a weight that is 0. */
    zero: number;
    /** Weights of one output channel lie so far apart. */
    channels: number;
    /** Bits of a gap. */
    width: number;
  },
): { numbers: number[]; gaps: number[] } {
  const numbers: number[] = [];
  const gaps: number[] = [];
  const most = 2 ** width - 1;
  let gap = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let at = channel; at < all.length; at += channels) {
      if (all[at] === zero && gap < most) {
        gap++;
        continue;
      }
      numbers.push(all[at]);
      gaps.push(gap);
      gap = 0;
    }
  }
  return { numbers, gaps: [...gaps, gap] };
}

/** The most bits of a gap. */
const WIDEST_GAP = 8;
/** Bytes of code that walks from weight to weight: what zeros must save at least. */
const WALK_BYTES = 128;

/**
 * `numbers`, which take `width` bits each, with those of zeros left out, where that pays:
 * where it saves a quarter of their bytes, and more than the code that reads them takes.
 */
function packSparse(
  all: ArrayLike<number>,
  { zero, channels, width }: { zero: number; channels: number; width: number },
): { numbers: PackedNumbers; gaps: Gaps } | undefined {
  // A bias has one number a channel, which is found by its place.
  if (all.length === channels) return undefined;
  const dense = all.length * width / 8;
  let best: { numbers: number[]; gaps: number[] } | undefined;
  let [least, bits] = [Math.min(3 / 4 * dense, dense - WALK_BYTES), 0];
  for (let gap = 1; gap <= WIDEST_GAP; gap++) {
    const dropped = dropZeros(all, { zero, channels, width: gap });
    const bytes = dropped.numbers.length * (width + gap) / 8;
    if (bytes < least) [best, least, bits] = [dropped, bytes, gap];
  }
  return best && {
    numbers: packNumbers(best.numbers, 2 ** width - 1),
    gaps: packNumbers(best.gaps, 2 ** bits - 1),
  };
}

/** `tensor` as the file holds it, its levels or indices in as few bits as they take. */
function packEncoded(tensor: EncodedTensor, channels: number): PackedTensor[] {
  switch (tensor.kind) {
    case "uniform": {
      const { levels, scale, bits } = tensor;
      const least = levels.reduce((a, b) => Math.min(a, b));
      const most = levels.reduce((a, b) => Math.max(a, b));
      // Levels of one bit are −1 and 1.
      const step = bits === 1 ? 2 : 1;
      const all = Uint8Array.from(levels, (level) => (level - least) / step);
      const numbers = packNumbers(all, (most - least) / step);
      const { width } = numbers;
      const form = { kind: "levels", least, step, scale } as const;
      // Scales of channels that are read say nothing of a channel's own weights.
      const sparse = least <= 0 && most >= 0 && step === 1 &&
          channels % scale.length === 0
        ? packSparse(all, { zero: -least, channels, width })
        : undefined;
      return [{ ...form, numbers }, ...sparse ? [{ ...form, ...sparse }] : []];
    }
    case "codebook": {
      const { codebook, indices } = tensor;
      const numbers = packNumbers(indices, codebook.length - 1);
      const { width } = numbers;
      const zero = codebook.indexOf(0);
      const sparse = zero < 0
        ? undefined
        : packSparse(indices, { zero, channels, width });
      const form = { kind: "codebook", codebook } as const;
      return [{ ...form, numbers }, ...sparse ? [{ ...form, ...sparse }] : []];
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
 * float16s, or float32s. Of a kernel most of whose weights are 0 those are left out;
 * `channels` is what its layer puts out: the i-th weight is of channel i mod that.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packedBytes, packTensor } from "./pack_tensor.ts";
 *
 * const levels = new Int8Array(64).map((_, i) => i % 8 - 4);
 * const scale = Float32Array.of(0.5);
 * const packed = packTensor({ kind: "uniform", shape: [8, 8], bits: 3, scale, levels }, 8);
 * assertEquals([packed.kind, packedBytes(packed)], ["levels", 64 * 3 / 8 + 1 + 4]);
 * ```
 */
export function packTensor(
  tensor: EncodedTensor,
  channels: number,
): PackedTensor {
  return [...packEncoded(tensor, channels), packPlain(tensor)]
    .reduce((best, next) =>
      packedBytes(next) < packedBytes(best) ? next : best
    );
}
