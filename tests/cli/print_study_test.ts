import { assertEquals, assertStringIncludes } from "@std/assert";
import { makeOutput } from "../../cli/terminal/output.ts";
import { printStudy } from "../../cli/commands/print_study.ts";
import { drawTerminalChart } from "../../core/charts/terminal_chart.ts";
import { makeDetails } from "../core/report/fixture.ts";
import { collect } from "./capture.ts";

for (const isTerminal of [true, false]) {
  Deno.test(`printStudy draws its chart for ${isTerminal ? "the" : "no"} terminal`, () => {
    const stdout = collect(isTerminal);
    const output = makeOutput({ stdout, stderr: collect() }, false);
    const terminal = { columns: 40, colour: output.terminal.colour };
    assertEquals(terminal.colour, isTerminal && !Deno.noColor);
    printStudy(makeDetails(), { ...output, terminal });
    const chart = drawTerminalChart(makeDetails(), terminal);
    assertStringIncludes(stdout.text(), chart);
  });
}
