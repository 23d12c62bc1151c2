import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareRatios, LEAST_SHARE } from "../../bench/compare_ratios.ts";

Deno.test("a ratio has fallen where less than its share of the record is left", () => {
  fc.assert(fc.property(
    fc.double({ min: 0.01, max: 1000, noNaN: true }),
    fc.double({ min: 0.01, max: 3, noNaN: true }),
    (recorded, share) => {
      const [{ regressed }] = compareRatios(
        [{ name: "a", value: recorded * share }],
        [{ name: "a", value: recorded }],
      );
      assertEquals(regressed, recorded * share < LEAST_SHARE * recorded);
    },
  ));
});

Deno.test("only ratios that both have are compared", () => {
  const compared = compareRatios(
    [{ name: "new", value: 1 }, { name: "both", value: 2 }],
    [{ name: "both", value: 3 }, { name: "not measured now", value: 4 }],
  );
  assertEquals(compared, [
    { name: "both", value: 2, recorded: 3, regressed: false },
  ]);
});
