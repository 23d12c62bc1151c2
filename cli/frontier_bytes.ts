import { readTrialFile } from "../core/compress/search/search_trials.ts";
import { summariseSearch } from "../core/compress/search/summarise_search.ts";
import { writeAtomically } from "../core/files/write_atomically.ts";
import { writeSearchReport } from "../core/report/write_search_report.ts";
import { cleanText } from "../core/text/clean_text.ts";
import type { Io } from "./command.ts";
import { printByteFrontier } from "./print_search.ts";
import { DEFAULT_SEARCH, openNamedSearch } from "./search_files.ts";
import { studyFolder } from "./study_files.ts";

/**
 * Prints s(f) of a search in bytes of whole files, writes its report again, and the
 * smallest file for the lowest accuracy where `export` says.
 */
export async function printFrontierBytes(
  { study: name = DEFAULT_SEARCH, accuracy, export: path }: {
    study?: string;
    accuracy?: number[];
    export?: string;
  },
  io: Io,
): Promise<void> {
  using study = openNamedSearch(name);
  const result = summariseSearch(study, accuracy);
  const { frontier, recipes, teacher } = result;
  if (path !== undefined) {
    const [point] = frontier;
    if (!point) {
      throw new Error(
        `Cannot export a file: one of the search must reach the accuracy: none does; ask for less with --accuracy, or search larger students`,
      );
    }
    const { trial, bytes, layers, seed } = point.file;
    const file = readTrialFile(study, { id: trial, state: "done" });
    await writeAtomically(path, file);
    io.note(`${layers} (seed ${seed}, ${bytes} bytes) written to ${path}`);
  }
  const [page] = await writeSearchReport(studyFolder(name), result);
  printByteFrontier(result, io);
  io.print(`\nReport: ${cleanText(page)}`);
  io.printJson({ study: name, teacher, frontier, recipes });
}
