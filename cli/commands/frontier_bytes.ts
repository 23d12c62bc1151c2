import { readTrialFile } from "../../core/search/search_trials.ts";
import type {
  ByteFrontierPoint,
  CompactResult,
  SearchResult,
} from "../../core/search/search_result.ts";
import { summariseSearch } from "../../core/search/summarise_search.ts";
import { ClaimedError, claimFolder } from "../../core/files/claim_folder.ts";
import { writeAtomically } from "../../core/files/write_atomically.ts";
import { writeSearchReport } from "../../core/report/write_search_report.ts";
import { claimOutput } from "./claim_output.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import type { Io } from "../command.ts";
import { printByteFrontier } from "./print_search.ts";
import { DEFAULT_SEARCH, openNamedSearch } from "./study_files.ts";
import { studyFolder } from "./study_files.ts";

/** Writes the search's report again, unless another command is at it, which will. */
async function redrawReport(
  name: string,
  result: SearchResult,
  io: Io,
): Promise<string | undefined> {
  const folder = studyFolder(name);
  try {
    using _claim = await claimFolder(folder, { command: "frontier" });
    const [page] = await writeSearchReport(folder, result);
    return page;
  } catch (error) {
    if (!(error instanceof ClaimedError)) throw error;
    io.note(`${error.message}; its report stays as it is`);
  }
}

/** The file of the lowest accuracy; throws where none reaches that. */
function smallestFile([point]: ByteFrontierPoint[]): CompactResult {
  if (point) return point.file;
  throw new Error(
    `Cannot export a file: one of the search must reach the accuracy: none does; ask for less with --accuracy, or search larger students`,
  );
}

/**
 * Prints s(f) of a search in bytes of whole files, writes its report again, and the
 * smallest file for the lowest accuracy where `export` says. The claim of that file
 * lasts until all is written: killed before, the same command does it all again.
 */
export async function printFrontierBytes(
  { study: name = DEFAULT_SEARCH, accuracy, export: path, force }: {
    study?: string;
    accuracy?: number[];
    export?: string;
    force: boolean;
  },
  io: Io,
): Promise<void> {
  using study = openNamedSearch(name, io.note);
  const result = summariseSearch(study, accuracy);
  const { frontier, recipes, teacher } = result;
  const chosen = path === undefined ? undefined : smallestFile(frontier);
  using _claim = path === undefined ? undefined : await claimOutput({
    command: "frontier",
    option: "--export",
    force,
    at: { file: path },
    makes: [path],
  });
  if (path !== undefined && chosen) {
    const { trial, bytes, layers, seed } = chosen;
    const file = readTrialFile(study, { id: trial, state: "done" });
    await writeAtomically(path, file);
    io.note(`${layers} (seed ${seed}, ${bytes} bytes) written to ${path}`);
  }
  const page = await redrawReport(name, result, io);
  printByteFrontier(result, io);
  if (page !== undefined) io.print(`\nReport: ${cleanText(page)}`);
  io.printJson({ study: name, teacher, frontier, recipes });
}
