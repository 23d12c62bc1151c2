import { keepImproving } from "../../core/charts/keep_improving.ts";
import type { SearchResult } from "../../core/search/search_result.ts";
import {
  formatByteFrontier,
  formatRecipeFrontier,
  formatRecipes,
} from "../../core/report/search_tables.ts";
import { UNKNOWN_SPLIT } from "../../core/report/results_table.ts";
import type { Io } from "../command.ts";

/** Prints a search: its recipes, s(f) in file bytes, and what was not finished. */
export function printSearch(
  result: SearchResult,
  io: Pick<Io, "print">,
): void {
  const { trials, unfinished, evolution } = result;
  const stopped = unfinished.filter(({ state }) => state === "stopped").length;
  // Of hundreds that were bred those that no smaller one matches; the report has all.
  const recipes = evolution
    ? keepImproving(
      result.recipes,
      ({ bytes }) => bytes.mean,
      ({ validation }) => validation.mean,
    )
    : result.recipes;
  io.print(`\n${formatRecipes({ ...result, recipes }).trimEnd()}`);
  printByteFrontier(result, io);
  if (result.teacher.split === "unknown") io.print(`\n${UNKNOWN_SPLIT}`);
  io.print(
    `\nfiles: ${trials.length}, stopped early: ${stopped}, failed: ${
      unfinished.length - stopped
    }`,
  );
}

/** Prints s(f) in file bytes: the files, then the recipes over their seeds. */
export function printByteFrontier(
  result: SearchResult,
  io: Pick<Io, "print">,
): void {
  if (result.frontier.length === 0) {
    const best = Math.max(
      ...result.trials.map(({ accuracy }) => accuracy.validation),
    );
    io.print(
      `\nno file reaches an accuracy asked for: the best reaches ${
        best.toFixed(4)
      } on validation`,
    );
    return;
  }
  io.print(`\nsmallest file\n${formatByteFrontier(result).trimEnd()}`);
  io.print(
    `\nsmallest recipe, over its seeds\n${
      formatRecipeFrontier(result).trimEnd()
    }`,
  );
}
