import { writeReport } from "../core/report/write_report.ts";
import { summariseStudy } from "../core/sweep/summarise_study.ts";
import { defineCommand } from "./command.ts";
import { printStudy } from "./print_study.ts";
import {
  DEFAULT_STUDY,
  openNamedStudy,
  STUDY_OPTIONS,
  studyFolder,
} from "./study_files.ts";

export const command = defineCommand({
  name: "report",
  about:
    "Writes the report of a study again, report.html and plots, and prints its tables.",
  examples: ["report", "report --study quick --out my-report"],
  options: {
    ...STUDY_OPTIONS,
    out: {
      kind: "string",
      placeholder: "FOLDER",
      usual: "the study's own",
      help: "where the report goes",
    },
  },
  async run({ study: name = DEFAULT_STUDY, out }, io) {
    using study = openNamedStudy(name);
    const details = summariseStudy(study);
    const [page] = await writeReport(out ?? studyFolder(name), details);
    printStudy(details, io);
    io.print(`\nReport: ${page}`);
  },
});
