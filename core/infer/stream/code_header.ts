import type { EncodedTensor } from "../encoded_tensor.ts";
import type { BitCoder } from "./bit_coder.ts";
import { FRACTION_BITS } from "./code_half.ts";
import { codeBits, codeChoice, codeFlag } from "./code_numbers.ts";

/** What is said of a tensor before its numbers. */
export interface TensorHeader {
  kind: EncodedTensor["kind"];
  /** Of a level, or of a number; 0 of a codebook. */
  bits: number;
  /** Whether there is a scale a channel. */
  perChannel: boolean;
  /** How many fraction bits of float16s are stored: all others are 0. */
  fractionBits: number;
}

/** Fraction bits of a power of two, of a few bits, and of any float16 are likelier than others. */
const FRACTIONS = [4, 3, 0, 10, 2, 5, 1, 6, 7, 8, 9].map((bits, place) =>
  [bits, place < 4 ? 3 : 1] as const
);

function isSame(a: TensorHeader, b: TensorHeader): boolean {
  return a.kind === b.kind && a.bits === b.bits &&
    a.perChannel === b.perChannel && a.fractionBits === b.fractionBits;
}

/** Passes a tensor's header: as `before`, that of the last kernel or bias, or anew. */
export function codeHeader(
  coder: BitCoder,
  before: TensorHeader | undefined,
  header?: TensorHeader,
): TensorHeader {
  const same = header && before && isSame(header, before);
  if (before && codeFlag(coder, 13, same)) return before;
  const kind = codeChoice<EncodedTensor["kind"]>(coder, [
    ["uniform", 12],
    ["codebook", 2],
    ["float", 2],
  ], header?.kind);
  const [uniform, float] = [kind === "uniform", kind === "float"];
  const fullBits = float
    ? codeChoice(coder, [[16, 1], [32, 1]], header?.bits)
    : 0;
  const bits = uniform
    ? codeBits(coder, 3, header && header.bits - 1) + 1
    : fullBits;
  const perChannel = uniform && codeFlag(coder, 4, header?.perChannel);
  const fractionBits = bits === 32
    ? FRACTION_BITS
    : codeChoice(coder, FRACTIONS, header?.fractionBits);
  return { kind, bits, perChannel, fractionBits };
}
