import { assert, assertEquals, assertMatch } from "@std/assert";
import { drawTerminalChart } from "../../../core/charts/terminal_chart.ts";
import { makeDetails } from "../report/fixture.ts";

const details = makeDetails();

/** Columns at which `symbol` stands in the lines of `chart` above its key. */
function columnsOf(chart: string, symbol: RegExp): number[] {
  const lines = chart.split("\n").slice(1, -2);
  const columns = lines.flatMap((line) =>
    [...line.matchAll(symbol)].map(({ index }) => index)
  );
  return [...new Set(columns)].sort((a, b) => a - b);
}

Deno.test("drawTerminalChart sets each series above the ticks of its widths", () => {
  const chart = drawTerminalChart(details);
  const ticks = columnsOf(chart, /┬/g);
  assertEquals(ticks.length, 9);
  assertEquals(columnsOf(chart, /●/g), ticks);
  assertMatch(chart, /1 +2 +3 +4 +6 +8 +16 +32 +64\n/);
  assertMatch(
    chart,
    /● distilled \(logit regression\) {3}○ labels only {3}┄ teacher 0.9931\n$/,
  );
});

Deno.test("drawTerminalChart keeps within the columns of the terminal", () => {
  for (const columns of [60, 80]) {
    const lines = drawTerminalChart(details, { columns }).split("\n").slice(
      0,
      -2,
    );
    assert(lines.every((line) => line.length <= columns));
  }
});

Deno.test("drawTerminalChart writes colour codes only where asked", () => {
  // deno-lint-ignore no-control-regex -- the escape character is what is looked for
  const codes = /\x1b\[/;
  assert(!codes.test(drawTerminalChart(details)));
  assert(codes.test(drawTerminalChart(details, { colour: true })));
});
