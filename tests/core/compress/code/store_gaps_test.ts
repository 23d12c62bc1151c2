import { assertEquals } from "@std/assert";
import { storeGaps } from "../../../../core/compress/code/choose_coding.ts";

Deno.test("gaps are those of Deep Compression's figure", () => {
  // Source: Han, Mao and Dally, 2016, figure 2: indices 1, 4 and 15, 3-bit gaps,
  // with a filler at 12 (it counts differences from the last index, we zeros between).
  const symbols = new Int16Array(16);
  symbols[1] = 34;
  symbols[4] = 9;
  symbols[15] = 17;
  const alphabet = { low: 0, high: 34, offset: 0 } as const;
  const { gaps, values } = storeGaps(symbols, alphabet, 3);
  assertEquals(gaps, [1, 2, 7, 2]);
  assertEquals(values, [34, 9, 0, 17]);
});
