import type { EncodedTensor } from "../../infer/encoded_tensor.ts";
import { encodeHalf } from "../../infer/half.ts";
import { FRACTION_BITS } from "../../infer/stream/code_half.ts";
import type { TensorHeader } from "../../infer/stream/code_header.ts";

/** Bits that a header costs about where it is not the one before. */
const HEADER_BITS = 8;

/** Fraction bits of float16s down to the last that is 1 in any of them. */
function countFractionBits(values: Float32Array): number {
  let fractions = 0;
  for (const value of values) fractions |= encodeHalf(value) & 1023;
  let unused = 0;
  while (unused < FRACTION_BITS && !(fractions >> unused & 1)) unused++;
  return FRACTION_BITS - unused;
}

/** The header of `tensor` alone. */
function headerOf(tensor: EncodedTensor): TensorHeader {
  switch (tensor.kind) {
    case "float": {
      const { kind, bits, values } = tensor;
      const fractionBits = bits === 16
        ? countFractionBits(values)
        : FRACTION_BITS;
      return { kind, bits, perChannel: false, fractionBits };
    }
    case "uniform": {
      const { kind, bits, scale } = tensor;
      const fractionBits = countFractionBits(scale);
      return { kind, bits, perChannel: scale.length > 1, fractionBits };
    }
    case "codebook": {
      const { kind, codebook } = tensor;
      const fractionBits = countFractionBits(codebook);
      return { kind, bits: 0, perChannel: false, fractionBits };
    }
  }
}

function countHalves(tensor: EncodedTensor): number {
  switch (tensor.kind) {
    case "float":
      return tensor.values.length;
    case "uniform":
      return tensor.scale.length;
    case "codebook":
      return tensor.codebook.length;
  }
}

/**
 * The headers of a model's tensors. Where a few more fraction bits cost less than
 * a header of its own, a tensor has as many as the longest of its kind.
 */
export function chooseHeaders(tensors: EncodedTensor[]): TensorHeader[] {
  const headers = tensors.map(headerOf);
  const longest = new Map<string, number>();
  const keyOf = (index: number) => {
    const { kind, bits, perChannel } = headers[index];
    return [tensors[index].shape.length > 1, kind, bits, perChannel].join();
  };
  headers.forEach(({ fractionBits }, index) => {
    const key = keyOf(index);
    longest.set(key, Math.max(fractionBits, longest.get(key) ?? 0));
  });
  return headers.map((header, index) => {
    const fractionBits = longest.get(keyOf(index)) ?? header.fractionBits;
    const more = fractionBits - header.fractionBits;
    return more * countHalves(tensors[index]) < HEADER_BITS
      ? { ...header, fractionBits }
      : header;
  });
}
