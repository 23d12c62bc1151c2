import { DRAM_LIMITS } from "../dram_budget.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeBits, codeFlag, codeNumber } from "./code_numbers.ts";

/** Passes what `count` classes are called: "0", "1", … at the cost of a tenth of a bit, or UTF-8 texts. */
export function codeLabels(
  coder: BitCoder,
  count: number,
  labels?: string[],
): string[] {
  const isOther = labels?.some((label, place) => label !== String(place));
  if (!codeFlag(coder, 1, isOther)) {
    return Array.from({ length: count }, (_, place) => String(place));
  }
  const coded: string[] = [];
  for (let place = 0; place < count; place++) {
    const bytes = new TextEncoder().encode(labels?.[place]);
    const length = codeNumber(coder, 3, bytes.length);
    if (length > DRAM_LIMITS.labelBytes) {
      throw new RangeError(
        `Cannot use a .dram: a label must have at most ${DRAM_LIMITS.labelBytes} bytes: one has ${length}`,
      );
    }
    const text = new Uint8Array(length);
    for (let i = 0; i < length; i++) text[i] = codeBits(coder, 8, bytes[i]);
    coded.push(decodeText(text));
  }
  return coded;
}

function decodeText(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    throw new SyntaxError("Cannot read a .dram: labels must be UTF-8 text");
  }
}
