import { type Candidate, listCandidates } from "../core/search/candidate.ts";
import {
  DEFAULT_CANDIDATES,
  SEARCH_TRAINING,
} from "../core/search/search_training.ts";
import {
  listSearchTrials,
  type SearchStudy,
} from "../core/search/search_trials.ts";
import { STUDENT_TRAINING } from "../core/distill/distil_student.ts";
import type { StudentConfig } from "../core/distill/student_config.ts";
import { DEFAULT_SPACE, listStudents } from "../core/sweep/search_space.ts";
import { readStudySetting } from "../core/study/run_study.ts";
import type { Study } from "../core/study/study.ts";
import { listTrials } from "../core/sweep/trials.ts";
import {
  listParameters,
  LOSSES,
  type LossSpec,
  nameLoss,
} from "../core/train/losses/losses.ts";
import { commandLine } from "./command_line.ts";
import { TEACHER_OPTIONS } from "./experiment.ts";
import { flagOf } from "./option.ts";
import { readStoredSearch } from "./study_files.ts";

/** The teacher and the data that a study is of, as the options give them. */
type Sources = Readonly<{ teacher?: string; data?: string }>;

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
export function searchCommand(
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
