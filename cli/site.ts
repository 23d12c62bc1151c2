import { fileURLToPath } from "node:url";
import { exists } from "../core/files/exists.ts";
import { listPublished } from "../core/report/published_points.ts";
import { makeSite, type SitePart } from "../core/site/make_site.ts";
import { readCertifiedFiles } from "../core/site/read_certified_files.ts";
import { isSite, writeSite } from "../core/site/write_site.ts";
import type { SearchStudy } from "../core/search/search_trials.ts";
import { cleanText } from "../core/text/clean_text.ts";
import { defineCommand, type Io } from "./command.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { commandLine } from "./command_line.ts";
import { loadTeacherAndData, TEACHER_OPTIONS } from "./experiment.ts";
import type { OptionTable } from "./option.ts";
import type { Progress } from "./progress.ts";
import {
  DEFAULT_SEARCH,
  DEFAULT_STUDY,
  openNamedSearch,
  openNamedStudy,
  searchPath,
} from "./study_files.ts";
import { searchCommand, sweepCommand } from "./site_commands.ts";

/** Files that the repository ships, all of MNIST. */
const CERTIFIED = fileURLToPath(
  new URL("../models/compact", import.meta.url),
);

/** Options that decide what is written, not where. */
const SOURCE_OPTIONS = {
  search: {
    kind: "string",
    placeholder: "NAME",
    usual: `"${DEFAULT_SEARCH}", if there is one; with --data none`,
    help: "name of the search's study",
  },
  ...TEACHER_OPTIONS,
} as const satisfies OptionTable;

/** The search called `name`; where none is named the usual one, if it is there, of MNIST. */
async function findSearch(
  { name, data }: { name?: string; data?: string },
  io: Io,
): Promise<{ name: string; study: SearchStudy } | null> {
  const path = searchPath(DEFAULT_SEARCH);
  if (name === undefined && !await exists(path)) {
    io.note(`no search: there is no ${path}; \`deno task search\` makes one`);
    return null;
  }
  if (name === undefined && data !== undefined) {
    io.note("no search: of other data it must be named; pass it with --search");
    return null;
  }
  const chosen = name ?? DEFAULT_SEARCH;
  return { name: chosen, study: openNamedSearch(chosen, io.note) };
}

/** Tells of one part of the work after the other, each by a progress of its own. */
function tellParts(io: Io) {
  let current: { part: SitePart; progress: Progress } | undefined;
  return {
    tell(part: SitePart, done: number, total: number) {
      if (current?.part !== part) {
        current?.progress[Symbol.dispose]();
        current = { part, progress: io.progress(part) };
      }
      current.progress.work({ done, total, unit: part });
    },
    [Symbol.dispose]: () => current?.progress[Symbol.dispose](),
  };
}

export const command = defineCommand({
  name: "site",
  about:
    `Writes what the web front end serves of a sweep, a search and the shipped
models: model files, what they score, sample images, charts. Students of the
sweep become .dram files, with as few bits as validation allows; every file is
asked for all validation and test images. The same studies give the same bytes.
Takes some minutes.`,
  examples: ["site", "site around-six --search compact"],
  positional: {
    study: {
      kind: "string",
      help: `name of the sweep's study; "${DEFAULT_STUDY}" unless given`,
    },
  },
  options: {
    ...SOURCE_OPTIONS,
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      default: "web/static",
      help: "where it goes; what earlier runs have left there is removed",
    },
    ...FORCE_OPTION,
  },
  async run(
    { study: name = DEFAULT_STUDY, search: wanted, out, force, ...values },
    io,
  ) {
    using sweep = openNamedStudy(name, io.note);
    const search = await findSearch({ name: wanted, data: values.data }, io);
    using _ = search?.study;
    const { teacher, dataset } = await loadTeacherAndData(values, io);
    using _claim = await claimOutput({
      ...{ command: "site", at: { folder: out } },
      makes: [`${out}/data`],
      // Made from studies, and to be made again as they grow.
      force: force || await isSite(out),
    });
    const shipped = values.data === undefined;
    using parts = tellParts(io);
    const files = await makeSite({
      ...{ sweep, search: search?.study ?? null, teacher, dataset },
      certified: shipped ? await readCertifiedFiles(CERTIFIED) : [],
      published: listPublished(dataset),
      made: [
        ...sweepCommand(name, sweep, values),
        ...search ? searchCommand(search.name, search.study, values) : [],
        `deno task ${
          commandLine(`site ${name}`, SOURCE_OPTIONS, {
            ...values,
            search: search?.name,
          })
        }`,
      ],
      onProgress: parts.tell,
    });
    const removed = await writeSite(out, files);
    const models = files.filter(([path]) => path.endsWith(".dram"));
    const bytes = models.reduce((sum, [, content]) => sum + content.length, 0);
    io.print(
      `${files.length} files written to ${
        cleanText(out)
      }: ${models.length} models of ${
        bytes.toLocaleString("en")
      } bytes together; ${removed.length} old ones removed`,
    );
    io.printJson({ out, files: files.map(([path]) => path), removed });
  },
});
