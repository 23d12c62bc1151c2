import { fileURLToPath } from "node:url";
import { listPublished } from "../../core/charts/published_points.ts";
import type { Candidate } from "../../core/search/candidate.ts";
import {
  DEFAULT_CANDIDATES,
  SEARCH_TRAINING,
} from "../../core/search/search_training.ts";
import { listCandidates } from "../../core/search/candidate.ts";
import { listSearchTrials } from "../../core/search/search_trials.ts";
import { STUDENT_TRAINING } from "../../core/distill/distil_student.ts";
import type { StudentConfig } from "../../core/distill/student_config.ts";
import { exists } from "../../core/files/exists.ts";
import { DEFAULT_SPACE, listStudents } from "../../core/sweep/search_space.ts";
import { readStudySetting } from "../../core/study/run_study.ts";
import type { SearchStudy } from "../../core/search/search_trials.ts";
import type { Study } from "../../core/study/study.ts";
import { listTrials } from "../../core/sweep/trials.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import {
  listParameters,
  LOSSES,
  type LossSpec,
  nameLoss,
} from "../../core/train/losses/losses.ts";
import { makeSite, type SitePart } from "../../site/make_site.ts";
import { readCertifiedFiles } from "../../site/read_certified_files.ts";
import { isSite, writeSite } from "../../site/write_site.ts";
import { defineCommand, type Io } from "../command.ts";
import { commandLine } from "../options/command_line.ts";
import { type DataValues, isUsualData } from "../options/data_options.ts";
import { flagOf, type OptionTable } from "../options/option.ts";
import type { Progress } from "../terminal/progress.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { loadRowAndData, TEACHER_OPTIONS } from "./experiment.ts";
import {
  DEFAULT_SEARCH,
  openNamedSearch,
  readStoredSearch,
  searchPath,
} from "./study_files.ts";
import { DEFAULT_STUDY, openNamedStudy } from "./study_files.ts";

/** The teacher and the data that a study is of, as the options give them. */
type Sources = Readonly<DataValues & { teacher?: string }>;

/** `values` in their order, each once. */
function distinct<Value>(
  values: Value[],
  keyOf: (value: Value) => string = String,
): Value[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}

/** Whether `planned` are the trials `given`, in whatever order. */
function areSame<Trial>(
  planned: Trial[],
  given: Trial[],
  keyOf: (trial: Trial) => string,
): boolean {
  const sorted = (trials: Trial[]) => trials.map(keyOf).toSorted().join("\n");
  return sorted(planned) === sorted(given);
}

/** What students learn by, as flags. */
function lossFlags(losses: LossSpec[]): string {
  const names = losses.map(({ kind }) => LOSSES[kind].option);
  const parameters = losses.flatMap(listParameters)
    .map(({ name, value }) => `${flagOf(name)} ${value}`);
  return [`--loss ${names}`, ...parameters].join(" ");
}

function keyOfStudent({ hidden, dropout, loss, seed }: StudentConfig): string {
  return JSON.stringify([hidden, dropout, nameLoss(loss), seed]);
}

/**
 * The command line that makes the study called `name`; none where no single one
 * does: its students are no full grid, of several temperatures, or trained by other
 * settings than the usual.
 */
export function sweepCommand(
  name: string,
  study: Study,
  sources: Sources,
): string[] {
  const { training } = readStudySetting(study);
  const usual = { ...training, ...STUDENT_TRAINING };
  const students = listTrials(study);
  const space = {
    hidden: distinct(students.map(({ hidden }) => hidden)),
    dropout: distinct(students.map(({ dropout }) => dropout)),
    losses: distinct(students.map(({ loss }) => loss), nameLoss),
    seeds: distinct(students.map(({ seed }) => seed)),
  };
  const kinds = distinct(space.losses.map(({ kind }) => kind));
  if (
    JSON.stringify(training) !== JSON.stringify(usual) ||
    kinds.length < space.losses.length ||
    !areSame(listStudents(space), students, keyOfStudent)
  ) return [];
  const dropout = space.dropout.join();
  return [[
    `deno task ${
      commandLine(`sweep --study ${name}`, TEACHER_OPTIONS, sources)
    }`,
    `--hidden ${space.hidden}`,
    ...dropout === DEFAULT_SPACE.dropout.join() ? [] : [`--dropout ${dropout}`],
    lossFlags(space.losses),
    `--seeds ${space.seeds}`,
  ].join(" ")];
}

function keyOfCandidate(candidate: Candidate): string {
  const { layers, bits, ratePenalty, loss, seed } = candidate;
  return JSON.stringify([layers, bits, ratePenalty, nameLoss(loss), seed]);
}

/**
 * The command line that makes the search called `name`; none where it tried other
 * students than the usual, or trained them otherwise.
 */
function searchCommand(
  name: string,
  study: SearchStudy,
  sources: Sources,
): string[] {
  const isUsual = areSame(
    listCandidates(DEFAULT_CANDIDATES),
    listSearchTrials(study),
    keyOfCandidate,
  ) &&
    JSON.stringify(readStoredSearch(name)) === JSON.stringify(SEARCH_TRAINING);
  return isUsual
    ? [
      `deno task ${
        commandLine(`search --study ${name}`, TEACHER_OPTIONS, sources)
      }`,
    ]
    : [];
}

/** Files that the repository ships, all of MNIST. */
const CERTIFIED = fileURLToPath(
  new URL("../../models/compact", import.meta.url),
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
  if (name === undefined && !isUsualData({ data })) {
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
    const { teacher, dataset } = await loadRowAndData(values, io);
    using _claim = await claimOutput({
      command: "site",
      at: { folder: out },
      makes: [`${out}/data`],
      // Made from studies, and to be made again as they grow.
      force: force || await isSite(out),
    });
    const shipped = isUsualData(values);
    using parts = tellParts(io);
    const files = await makeSite({
      sweep,
      search: search?.study ?? null,
      teacher,
      dataset,
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
