import { assert, assertEquals } from "@std/assert";
import { huffmanLengths } from "../../../../core/compress/code/huffman_lengths.ts";
import { fc } from "../../../seeded_check.ts";

Deno.test("lengths are those of Huffman's own example", () => {
  // Source: Huffman, 1952, table I: 13 messages of these probabilities.
  const counts = [20, 18, 10, 10, 10, 6, 6, 4, 4, 4, 4, 3, 1];
  const lengths = huffmanLengths(counts);
  const average = counts.reduce((sum, count, i) => sum + count * lengths[i], 0);
  assertEquals(average, 342); // 3.42 bits a message
});

Deno.test("lengths use up all words, and take the entropy to 1 bit more", () => {
  const counts = fc.array(fc.nat(1000), { minLength: 2, maxLength: 40 })
    .filter((counts) => counts.filter(Boolean).length > 1);
  fc.assert(
    fc.property(counts, (counts) => {
      const lengths = huffmanLengths(counts);
      const total = counts.reduce((a, b) => a + b);
      const words = [...lengths].filter(Boolean);
      assertEquals(words.reduce((sum, bits) => sum + 2 ** -bits, 0), 1);
      let [mean, bound] = [0, 0];
      counts.forEach((count, symbol) => {
        assertEquals(lengths[symbol] > 0, count > 0);
        mean += count / total * lengths[symbol];
        if (count) bound -= count / total * Math.log2(count / total);
      });
      assert(mean >= bound - 1e-9 && mean < bound + 1);
    }),
  );
});

Deno.test("a symbol alone gets a word of 1 bit, and none gets none", () => {
  assertEquals([...huffmanLengths([0, 5, 0])], [0, 1, 0]);
  assertEquals([...huffmanLengths([0, 0])], [0, 0]);
});
