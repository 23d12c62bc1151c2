import { summariseSearch } from "../core/compress/search/summarise_search.ts";
import { writeReport } from "../core/report/write_report.ts";
import { writeSearchReport } from "../core/report/write_search_report.ts";
import { summariseStudy } from "../core/sweep/summarise_study.ts";
import { cleanText } from "../core/text/clean_text.ts";
import { defineCommand, type Io } from "./command.ts";
import { printSearch } from "./print_search.ts";
import { printStudy } from "./print_study.ts";
import { DEFAULT_SEARCH, openNamedSearch } from "./search_files.ts";
import {
  DEFAULT_STUDY,
  openNamedStudy,
  STUDY_OPTIONS,
  studyFolder,
} from "./study_files.ts";

export const command = defineCommand({
  name: "report",
  about:
    `Writes a study's report again, report.html and plots, and prints its tables.
With --bytes of a search: search.html and plots.`,
  examples: [
    "report",
    "report --study quick --out my-report",
    "report --bytes --study compact",
  ],
  options: {
    ...STUDY_OPTIONS,
    study: {
      ...STUDY_OPTIONS.study,
      usual: `"${DEFAULT_STUDY}", with --bytes "${DEFAULT_SEARCH}"`,
    },
    bytes: { kind: "boolean", help: "of a search, in bytes of .dram files" },
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      usual: "the study's own",
      help: "where the report goes",
    },
  },
  async run({ study: given, bytes, out }, io) {
    if (bytes) return await reportSearch({ name: given, out }, io);
    const name = given ?? DEFAULT_STUDY;
    using study = openNamedStudy(name);
    const details = summariseStudy(study);
    const [page] = await writeReport(out ?? studyFolder(name), details);
    printStudy(details, io);
    io.print(`\nReport: ${cleanText(page)}`);
  },
});

/** Writes the report of the search called `name`, and prints its tables. */
async function reportSearch(
  { name = DEFAULT_SEARCH, out }: { name?: string; out?: string },
  io: Io,
): Promise<void> {
  using study = openNamedSearch(name);
  const result = summariseSearch(study);
  const [page] = await writeSearchReport(out ?? studyFolder(name), result);
  printSearch(result, io);
  io.print(`\nReport: ${cleanText(page)}`);
  io.printJson(result);
}
