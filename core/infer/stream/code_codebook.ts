import { DRAM_LIMITS } from "../dram_budget.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeHalves, type HalfRow } from "./code_half.ts";
import { codeNumber } from "./code_numbers.ts";

/** Passes a codebook: how many entries it has, then each as a float16. Throws unless they ascend. */
export function codeCodebook(
  coder: BitCoder,
  row: HalfRow,
  codebook?: Float32Array,
): Float32Array<ArrayBuffer> {
  const count = codeNumber(coder, 3, codebook && codebook.length - 1) + 1;
  if (count > DRAM_LIMITS.codebook) {
    throw new RangeError(
      `Cannot use a .dram: a codebook must have at most ${DRAM_LIMITS.codebook} entries: it has ${count}`,
    );
  }
  const coded = codeHalves(coder, row, { count, values: codebook });
  if (coded.some((value, i) => i > 0 && value <= coded[i - 1])) {
    throw new SyntaxError(
      `Cannot use a .dram: a codebook must ascend: it is ${coded.join(", ")}`,
    );
  }
  return coded;
}
