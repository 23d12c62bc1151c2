import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  formatAnswer,
  formatFrontierTable,
  formatResultsTable,
} from "../../../core/report/results_table.ts";
import { makeDetails } from "./fixture.ts";

const details = makeDetails();

Deno.test("formatResultsTable lines up a row a group, distilled first", () => {
  const lines = formatResultsTable(details).split("\n");
  assertEquals(lines.length, 1 + 18 + 1);
  assertEquals(
    [lines[0], lines[5], lines[18]],
    [
      "hidden  dropout  loss           parameters      bytes  smaller  validation  test [95% interval]      seeds",
      "     6      0.2  logit-mse          74,188    296,752    16.2×      0.9864  0.9869 [0.9849, 0.9889]      3",
      "    64      0.2  cross-entropy     609,354  2,437,416     2.0×      0.9873  0.9879 [0.9863, 0.9895]      3",
    ],
  );
});

Deno.test("formatResultsTable leaves the interval out where there is one seed", () => {
  const single = structuredClone(details);
  single.groups = [{
    ...single.groups[4],
    seeds: [1],
    test: { mean: 0.98, low: 0.98, high: 0.98 },
  }];
  assertStringIncludes(
    formatResultsTable(single),
    "      0.9864  0.9800                   1\n",
  );
});

Deno.test("formatFrontierTable gives a row an accuracy", () => {
  assertEquals(formatFrontierTable(details).split("\n").slice(0, 3), [
    "accuracy  hidden  dropout  loss       parameters    bytes  smaller  validation  test [95% interval]",
    "  ≥ 0.90       3      0.2  logit-mse      46,507  186,028    25.8×      0.9066  0.9072 [0.8934, 0.9210]",
    "  ≥ 0.95       4      0.2  logit-mse      55,734  222,936    21.5×      0.9600  0.9606 [0.9554, 0.9657]",
  ]);
});

Deno.test("formatFrontierTable gives a Markdown table where asked", () => {
  assertEquals(
    formatFrontierTable(details, { markdown: true }).split("\n").slice(0, 3),
    [
      "| accuracy | hidden | dropout | loss      | parameters |   bytes | smaller | validation | test [95% interval]     |",
      "| -------: | -----: | ------: | --------- | ---------: | ------: | ------: | ---------: | ----------------------- |",
      "|   ≥ 0.90 |      3 |     0.2 | logit-mse |     46,507 | 186,028 |   25.8× |     0.9066 | 0.9072 [0.8934, 0.9210] |",
    ],
  );
});

Deno.test("formatAnswer names the smallest model and each pair against monotonicity", () => {
  assertEquals(
    formatAnswer(details),
    `smallest model at ≥ 0.95: 4 hidden units, 55,734 parameters, 222,936 bytes (21.5× smaller), test 0.9606 [0.9554, 0.9657], distilled (logit regression)
monotone: does not hold: 2 pairs in which the smaller model is at least as accurate
  8 against 16 hidden units (logit-mse, dropout 0.2): +0.0031 [0.0012, 0.0050], the interval excludes 0
  32 against 64 hidden units (logit-mse, dropout 0.2): +0.0002 [−0.0009, 0.0013], the interval includes 0
`,
  );
});

Deno.test("formatAnswer names the smallest distilled model too where a labels-only one is smaller", () => {
  const labels = structuredClone(details);
  const group = labels.groups.find(({ hidden, loss }) =>
    hidden === 2 && loss === "cross-entropy"
  );
  if (group) group.validation = { mean: 0.96, low: 0.96, high: 0.96 };
  const [first, second] = formatAnswer(labels).split("\n");
  assertStringIncludes(first, "0.95: 2 hidden units");
  assertStringIncludes(first, "labels only");
  assertStringIncludes(second, "of the distilled: 4 hidden units");
});

Deno.test("formatAnswer chooses by validation, never by test", () => {
  const lucky = structuredClone(details);
  const group = lucky.groups.find(({ hidden }) => hidden === 2);
  if (group) group.test = { mean: 1, low: 1, high: 1 };
  assertEquals(formatAnswer(lucky), formatAnswer(details));
});

Deno.test("formatAnswer says how far the best student comes where none reaches the accuracy", () => {
  assertStringIncludes(
    formatAnswer(details, 0.995),
    "smallest model at ≥ 0.995: none: the best reaches 0.9897 on validation\n",
  );
});

Deno.test("formatAnswer says that monotonicity holds where no pair is against it", () => {
  const clean = structuredClone(details);
  clean.result.monotone = { holds: true, violations: [] };
  assertStringIncludes(formatAnswer(clean), "\nmonotone: holds:");
});
