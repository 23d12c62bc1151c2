import { drawHypervolumes } from "../../core/charts/hypervolume_steps.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";
import { formatHypervolumes } from "../../core/report/search_tables.ts";
import { compareHypervolumes } from "../../core/search/hypervolume.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput } from "./claim_output.ts";
import { openNamedSearch } from "./study_files.ts";

/**
 * Prints the hypervolume of each of the searches called `names` after equal time, and
 * draws how it grew as `path`, an SVG file.
 */
export async function printHypervolumes(
  { names, path, force }: { names: string[]; path: string; force: boolean },
  io: Io,
): Promise<void> {
  if (new Set(names).size < names.length) {
    throw new UsageError(
      `Cannot use --study ${names}: each name must be there once`,
    );
  }
  using opened = new DisposableStack();
  const studies = names.map((name) =>
    opened.use(openNamedSearch(name, io.note))
  );
  const comparison = compareHypervolumes(studies);
  using _claim = await claimOutput({
    command: "frontier",
    option: "--hypervolume",
    force,
    at: { file: path },
    makes: [path],
  });
  await writeAtomically(path, drawHypervolumes(comparison));
  io.print(formatHypervolumes(comparison).trimEnd());
  io.print(`\nPlot: ${cleanText(path)}`);
  io.printJson(comparison);
}
