import { resolve } from "@std/path";
import { summariseSearch } from "../../core/search/summarise_search.ts";
import type { Claim } from "../../core/files/claim_folder.ts";
import { writeReport } from "../../core/report/write_report.ts";
import { writeSearchReport } from "../../core/report/write_search_report.ts";
import { summariseStudy } from "../../core/sweep/summarise_study.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { defineCommand, type Io } from "../command.ts";
import { printSearch } from "./print_search.ts";
import { printStudy } from "./print_study.ts";
import { DEFAULT_SEARCH, openNamedSearch } from "./study_files.ts";
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
    ...FORCE_OPTION,
  },
  async run({ study: given, bytes, out, force }, io) {
    if (bytes) return await reportSearch({ name: given, out, force }, io);
    const name = given ?? DEFAULT_STUDY;
    const folder = out ?? studyFolder(name);
    using study = openNamedStudy(name, io.note);
    const details = summariseStudy(study);
    using _claim = await claimReport(folder, {
      page: "report.html",
      study: name,
      force,
    });
    const [page] = await writeReport(folder, details);
    printStudy(details, io);
    io.print(`\nReport: ${cleanText(page)}`);
  },
});

/**
 * Claims `folder` for a report of `study`. In the study's own folder, and where
 * that study's report lies already, it is drawn again; nothing else is replaced.
 */
async function claimReport(
  folder: string,
  { page, study, force }: { page: string; study: string; force: boolean },
): Promise<Claim> {
  const text = await Deno.readTextFile(`${folder}/${page}`).catch(() => "");
  return await claimOutput({
    command: "report",
    at: { folder },
    makes: [`${folder}/${page}`, `${folder}/plots`],
    force: force || resolve(folder) === resolve(studyFolder(study)) ||
      text.includes(`<title>${study}: how small can the `),
  });
}

/** Writes the report of the search called `name`, and prints its tables. */
async function reportSearch(
  { name = DEFAULT_SEARCH, out, force }: {
    name?: string;
    out?: string;
    force: boolean;
  },
  io: Io,
): Promise<void> {
  using study = openNamedSearch(name, io.note);
  const result = summariseSearch(study);
  const folder = out ?? studyFolder(name);
  using _claim = await claimReport(folder, {
    page: "search.html",
    study: name,
    force,
  });
  const [page] = await writeSearchReport(folder, result);
  printSearch(result, io);
  io.print(`\nReport: ${cleanText(page)}`);
  io.printJson(result);
}
