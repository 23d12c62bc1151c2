import { assertEquals } from "@std/assert";
import { comparePatterns, routePattern } from "../../fresh/route_pattern.ts";
import { fc } from "../seeded_check.ts";

Deno.test("a file's path says what it answers", () => {
  const patterns = {
    "index": "/",
    "inside": "/inside",
    "api/study.csv": "/api/study.csv",
    "models/index": "/models",
    "models/[name]": "/models/:name",
    "models/[name]/bytes": "/models/:name/bytes",
    "[...path]": "/:path{.*}",
  };
  for (const [file, pattern] of Object.entries(patterns)) {
    assertEquals(routePattern(file), pattern);
  }
});

Deno.test("names come before parameters, parameters before what takes all", () => {
  const sorted = ["/a", "/b", "/:name", "/a/:name", "/:path{.*}"];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(sorted, { minLength: sorted.length }),
      (shuffled) => {
        const kinds = shuffled.toSorted(comparePatterns).map((pattern) =>
          pattern.includes("{") ? 2 : pattern.includes(":") ? 1 : 0
        );
        assertEquals(kinds, [0, 0, 1, 1, 2]);
      },
    ),
  );
});
