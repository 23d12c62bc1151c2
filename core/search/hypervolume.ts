import { isRecord } from "../files/json.ts";
import { type Estimate, estimateMean } from "../study/estimate.ts";
import { readContext } from "../study/context.ts";
import { hypervolume, type Objectives, rankFronts } from "./pareto.ts";
import { readClock, readElapsed } from "./search_clock.ts";
import { listFinishedSearchTrials, type SearchStudy } from "./search_trials.ts";

/** What of a file is to be small and large. */
export interface MeasuredFile {
  /** Length of the whole file. */
  bytes: number;
  /** Share of validation images that it gets right. */
  validation: number;
}

/** What files are measured by. */
export interface MeasuredData {
  /** Number of validation images. */
  validation: number;
  /** Number of classes. */
  classes: number;
}

/**
 * [log₁₀ bytes, log₁₀ (1 − validation accuracy)] of a file; of one without a mistake
 * as if it made half a one, as the logarithm has no zero.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { placeFile } from "./hypervolume.ts";
 *
 * const [bytes, error] = placeFile({ bytes: 1000, validation: 1 }, { validation: 5000, classes: 10 });
 * assertEquals([bytes, error], [3, -4]);
 * ```
 */
export function placeFile(
  { bytes, validation }: MeasuredFile,
  { validation: images }: MeasuredData,
): Objectives {
  return [
    Math.log10(bytes),
    Math.log10(Math.max(1 - validation, 0.5 / images)),
  ];
}

/**
 * Where the hypervolume of `points` ends: at twice the bytes of the largest file that no
 * other dominates, and at the error of chance, 1 − 1 / classes.
 *
 * Both are a little worse than the worst of the front, as is advised where fronts are
 * compared, so that its ends count, but don't decide (Ishibuchi et al., "How to specify
 * a reference point in hypervolume calculation for fair performance comparison", 2018).
 * Hypervolumes are comparable only up to one reference.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findReference } from "./hypervolume.ts";
 *
 * const [bytes] = findReference([[2, -1], [3, -2], [4, -1.5]], { validation: 100, classes: 10 });
 * assertEquals(bytes, 3 + Math.log10(2));
 * ```
 */
export function findReference(
  points: readonly Objectives[],
  { classes }: MeasuredData,
): Objectives {
  const ranks = rankFronts(points);
  const front = points.filter((_, index) => ranks[index] === 0);
  return [
    Math.max(...front.map(([bytes]) => bytes)) + Math.log10(2),
    Math.log10(1 - 1 / classes),
  ];
}

/** The hypervolume from a moment on. */
export interface HypervolumeStep {
  /** Seconds that the study had been searching. */
  seconds: number;
  /** In decades of bytes times decades of error. */
  hypervolume: number;
}

/** How the hypervolume of a search grew. */
export interface HypervolumeCurve {
  /** Its name. */
  study: string;
  /** That, without a number at its end: what tells seeds of one way of searching apart. */
  way: string;
  /** Files that it has found. */
  files: number;
  /** Seconds that it has been searching. */
  seconds: number;
  /** Its hypervolume after the seconds that all studies have been searching. */
  hypervolume: number;
  /** From its first file on, a step for each that added to it. */
  steps: HypervolumeStep[];
}

/** Searches of one way, over their seeds. */
export interface SearchWay {
  /** What their names have in common. */
  way: string;
  /** Their names. */
  studies: string[];
  /** After the seconds that all studies have been searching, with its 95% interval. */
  hypervolume: Estimate;
}

/** Searches beside each other, after equal time. */
export interface HypervolumeComparison {
  /** What hypervolumes end at: the bytes of a file, and a validation error. */
  reference: { bytes: number; error: number };
  /** Seconds that each study has been searching, or more. */
  seconds: number;
  /** In the order in which they were given. */
  studies: HypervolumeCurve[];
  /** In the order of their first studies. */
  ways: SearchWay[];
}

/** The files of a search, by when they were found, with what they are measured by. */
interface FoundFiles {
  study: string;
  seconds: number;
  data: MeasuredData;
  /** Tells images and their division apart. */
  dataKey: string;
  files: { seconds: number; place: Objectives }[];
}

function readFiles(study: SearchStudy): FoundFiles {
  const refuse = (rule: string): never => {
    throw new Error(
      `Cannot tell the hypervolume of ${study.path} over time: ${rule}`,
    );
  };
  const context = readContext(study);
  const setting = study.readSetting("setting");
  const trials = listFinishedSearchTrials(study);
  if (!context || trials.length === 0) {
    return refuse(
      "at least one of its trials must be done: none is; run `deno task search`",
    );
  }
  const { dataset: { sha256, validation }, classes } = context;
  const data = { validation, classes };
  const split = isRecord(setting) && isRecord(setting.dataset) &&
    setting.dataset.split;
  const files = trials.map((trial) => ({
    seconds: readElapsed(study, trial.id) ??
      refuse(
        `it must have kept when each file was done: it hasn't of trial ${trial.id}, which an earlier Retort trained; search again with another name as --study`,
      ),
    place: placeFile(trial, data),
  })).toSorted((a, b) => a.seconds - b.seconds);
  return {
    study: context.study,
    // A kill may have come before the clock was kept.
    seconds: Math.max(readClock(study), files[files.length - 1].seconds),
    data,
    dataKey: JSON.stringify([sha256, split]),
    files,
  };
}

/**
 * The value of `steps` after `seconds`; 0 before the first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { valueAfter } from "./hypervolume.ts";
 *
 * const steps = [{ seconds: 2, hypervolume: 1 }, { seconds: 5, hypervolume: 1.5 }];
 * assertEquals([1, 2, 6].map((seconds) => valueAfter(steps, seconds)), [0, 1, 1.5]);
 * ```
 */
export function valueAfter(
  steps: readonly HypervolumeStep[],
  seconds: number,
): number {
  return steps.findLast((step) => step.seconds <= seconds)?.hypervolume ?? 0;
}

/** The steps that the hypervolume of `files` takes, in the order of time. */
function listSteps(
  files: FoundFiles["files"],
  reference: Objectives,
): HypervolumeStep[] {
  const steps: HypervolumeStep[] = [];
  files.forEach(({ seconds }, index) => {
    const places = files.slice(0, index + 1).map(({ place }) => place);
    const area = hypervolume(places, reference);
    if (area > (steps.at(-1)?.hypervolume ?? -1)) {
      steps.push({ seconds, hypervolume: area });
    }
  });
  return steps;
}

/** A study's name without a number at its end. */
function wayOf(study: string): string {
  return study.replace(/[-_.]?(?<=\D)\d+$/, "") || study;
}

/**
 * How the hypervolume of each of `studies` grew while it searched, up to one reference
 * (see {@linkcode findReference}), and what it was when all had searched for equal
 * time: means with 95% intervals over those whose names differ in a number at their end
 * alone, `grid-1` and `grid-2` say.
 *
 * With b and e the bytes and the validation error of a file, and r the reference, it is
 * the area of all (log₁₀ b, log₁₀ e) up to (log₁₀ r_b, log₁₀ r_e) that is no smaller than
 * some file's in both; what files score on test plays no part. Time is the study's own:
 * from the start of the search, breaks left out, and without what came before it.
 *
 * Throws an `Error` where there is no study, one has no file, or has not kept when its
 * files were done, or where they are of other images or another division of them.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { fakeSearch, fakeTrainer } from "../../tests/core/search/fake_search.ts";
 * import { openStudy } from "../study/study.ts";
 * import { SEARCH_FORMAT } from "../study/study_format.ts";
 * import { compareHypervolumes } from "./hypervolume.ts";
 * import { search } from "./search.ts";
 *
 * const path = `${await Deno.makeTempDir()}/search.db`;
 * await search(fakeSearch(path, fakeTrainer()));
 * using study = openStudy(path, SEARCH_FORMAT);
 * const { studies: [{ files, steps, seconds }] } = compareHypervolumes([study]);
 * assertEquals(files, 6);
 * assert(steps.every((step) => step.hypervolume > 0 && step.seconds <= seconds));
 * ```
 */
export function compareHypervolumes(
  studies: readonly SearchStudy[],
): HypervolumeComparison {
  const all = studies.map(readFiles);
  const [first] = all;
  const other = all.find(({ dataKey }) => dataKey !== first.dataKey);
  if (!first || other) {
    throw new Error(
      `Cannot compare searches: they must be one or more, of the same images, divided alike: ${
        first && other
          ? `${first.study} and ${other.study} are not`
          : "there is none"
      }`,
    );
  }
  const places = all.flatMap(({ files }) => files.map(({ place }) => place));
  const reference = findReference(places, first.data);
  const shared = Math.min(...all.map(({ seconds }) => seconds));
  const curves = all.map(({ study, seconds, files }): HypervolumeCurve => {
    const steps = listSteps(files, reference);
    return {
      study,
      way: wayOf(study),
      files: files.length,
      seconds,
      hypervolume: valueAfter(steps, shared),
      steps,
    };
  });
  const ways = [...Map.groupBy(curves, ({ way }) => way)]
    .map(([way, members]): SearchWay => ({
      way,
      studies: members.map(({ study }) => study),
      hypervolume: estimateMean(
        members.map(({ hypervolume }) => hypervolume),
      ),
    }));
  return {
    reference: { bytes: 10 ** reference[0], error: 10 ** reference[1] },
    seconds: shared,
    studies: curves,
    ways,
  };
}
