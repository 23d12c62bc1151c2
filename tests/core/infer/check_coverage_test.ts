import { assertEquals } from "@std/assert";
import { isImpossible, readLcov } from "./check_coverage.ts";

Deno.test("branches, lines and functions that a report says were not reached are named", () => {
  const report = `SF:/home/me/retort/core/infer/load.ts
FN:3,load
FN:9,unused
FNDA:2,load
FNDA:0,unused
BRDA:4,1,0,1
BRDA:4,1,1,0
BRDA:5,2,0,-
DA:3,2
DA:4,0
end_of_record
SF:/home/me/retort/core/infer/half.ts
DA:1,10
end_of_record
`;
  assertEquals(readLcov(report, "/home/me/retort/"), {
    files: ["core/infer/load.ts", "core/infer/half.ts"],
    branches: 3,
    lines: 3,
    missed: [
      "core/infer/load.ts: function unused",
      "core/infer/load.ts:4: a branch",
      "core/infer/load.ts:5: a branch",
      "core/infer/load.ts:4: a line",
    ],
  });
});

Deno.test("the end of a complete switch is out of reach, and nothing else", () => {
  const text = [
    "switch (kind) {",
    '  case "a":',
    "    return 1;",
    "  default:",
    "    return kind satisfies never;",
    "}",
    "switch (other) {",
    "  default:",
    "    return 2;",
    "}",
  ].join("\n");
  const lines = text.split("\n").map((_, index) => index + 1);
  assertEquals(lines.filter((line) => isImpossible(text, line)), [4, 5]);
});
