import {
  formatAnswer,
  formatFrontierTable,
  formatResultsTable,
  UNKNOWN_SPLIT,
} from "../../core/report/results_table.ts";
import { drawTerminalChart } from "../../core/charts/terminal_chart.ts";
import type { StudyDetails } from "../../core/sweep/result.ts";
import type { Io } from "../command.ts";

/** Accuracy that the answer is given for. */
const GOAL = 0.95;

/** Prints a study: its table, chart, frontier and answer, or its result as JSON. */
export function printStudy(
  details: StudyDetails,
  io: Pick<Io, "print" | "printJson" | "terminal">,
): void {
  const parts = [
    formatResultsTable(details),
    drawTerminalChart(details, io.terminal),
    formatFrontierTable(details),
    formatAnswer(details, GOAL),
  ];
  const { split } = details.result.teacher;
  if (split === "unknown") parts.push(UNKNOWN_SPLIT);
  for (const part of parts) io.print(`\n${part.trimEnd()}`);
  io.printJson(details.result);
}
