import {
  type CompactPools,
  openPools,
} from "../../core/compress/compact/open_pools.ts";
import type { Candidate } from "../../core/search/candidate.ts";
import { recipeKey } from "../../core/search/candidate.ts";
import { compactTrainer } from "../../core/search/train_candidate.ts";
import {
  beginEvolution,
  type EvolutionSpec,
  listFounders,
} from "../../core/search/evolution.ts";
import { placeRungs } from "../../core/search/stopping.ts";
import type { OnSearchTrial } from "../../core/search/search.ts";
import { search } from "../../core/search/search.ts";
import {
  sizeCandidates,
  type SizedCandidate,
} from "../../core/search/size_candidates.ts";
import {
  DEFAULT_CANDIDATES,
  QUICK_CANDIDATES,
  QUICK_TRAINING,
  SEARCH_TRAINING,
} from "../../core/search/search_training.ts";
import { listCandidates } from "../../core/search/candidate.ts";
import type { SearchTraining } from "../../core/search/search_training.ts";
import { NO_AUGMENTATION } from "../../core/data/augmentation.ts";
import type { SplitDataset } from "../../core/data/split.ts";
import type { BackendInUse } from "../../core/device/select_backend.ts";
import { openPool } from "../../core/distill/augmented_pool.ts";
import { claimFolder } from "../../core/files/claim_folder.ts";
import type { Teacher } from "../../core/models/formats/load_model.ts";
import { writeSearchReport } from "../../core/report/write_search_report.ts";
import type { Accuracy } from "../../core/study/estimate.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { nameLoss } from "../../core/train/losses/losses.ts";
import { defineCommand, type Io } from "../command.ts";
import { memoryBytes } from "../options/data_options.ts";
import { ownPath } from "../options/own_path.ts";
import { DEFAULT_SEED } from "../options/common_options.ts";
import {
  checkEvolution,
  EVOLUTION_OPTIONS,
  listRecipes,
  SEARCH_POOL_OPTIONS,
  SEARCH_TRAINING_OPTIONS,
  searchSpace,
  searchTraining,
  SPACE_OPTIONS,
} from "../options/search_options.ts";
import { checkResumes } from "../options/study_plan.ts";
import {
  checkTeacherAccuracy,
  countAskers,
  countWorkers,
  loadTeacherAndData,
  startBackend,
  TEACHER_OPTIONS,
} from "./experiment.ts";
import { accuracyOf, POOLS } from "./load_pools.ts";
import { printSearch } from "./print_search.ts";
import {
  DEFAULT_EVOLUTION,
  DEFAULT_SEARCH,
  listStoredCandidates,
  readStoredEvolution,
  readStoredSearch,
  SEARCH_STUDY_OPTIONS,
  searchPath,
} from "./study_files.ts";
import { studyFolder } from "./study_files.ts";

/**
 * What students of a search learn from and are chosen by, computed with progress
 * unless kept from before, and what the teacher itself scores.
 */
async function openSearchPools(
  { teacher, dataset, training, backend, memory }: {
    teacher: Teacher;
    dataset: SplitDataset;
    training: SearchTraining;
    backend: BackendInUse;
    /** Of `--memory`. */
    memory: number;
  },
  io: Io,
): Promise<CompactPools & { accuracy: Accuracy }> {
  using progress = io.progress("augmented images");
  const options = {
    cache: ownPath(POOLS),
    backend: backend.name,
    workers: countAskers(teacher, backend),
    memory: memoryBytes(memory),
    signal: io.signal,
    onProgress: (done: number, total: number) =>
      progress.work({ done, total, unit: "images" }),
    onNote: io.note,
  };
  const pools = await openPools(teacher, dataset, training.pool, options);
  const validation = accuracyOf(pools.validation);
  checkTeacherAccuracy(validation, dataset);
  const originals = { augmentation: NO_AUGMENTATION, copies: 1, seed: 0 };
  const test = await openPool(teacher, dataset.test, originals, options);
  return {
    ...pools,
    accuracy: {
      validation,
      test: accuracyOf(test),
    },
  };
}

/** Lists the trials that the search would run, with their sizes. */
function printDryRun(
  name: string,
  wanted: SizedCandidate[],
  evolution: EvolutionSpec | undefined,
  io: Pick<Io, "print" | "printJson">,
): void {
  const stored = listStoredCandidates(name);
  const identify = (trial: Candidate) => `${trial.seed} ${recipeKey(trial)}`;
  const known = new Set(stored.map(identify));
  const trials = [
    ...stored.filter(({ state }) => state === "planned"),
    ...wanted.filter((candidate) => !known.has(identify(candidate))),
  ].map((trial) => {
    const { layers, bits, ratePenalty, loss, seed } = trial;
    const { parameters, estimatedBytes } = trial;
    return {
      layers,
      bits,
      ratePenalty,
      loss: nameLoss(loss),
      seed,
      parameters,
      estimatedBytes,
    };
  });
  for (const { layers, bits, loss, seed, ...size } of trials) {
    io.print(
      `${
        cleanText(layers)
      }, ${bits} bits, ${loss}, seed ${seed}: ${size.parameters} parameters, about ${size.estimatedBytes} bytes`,
    );
  }
  const ended = stored.filter(({ state }) => state !== "planned").length;
  const bred = evolution &&
    Math.max(0, evolution.trials - ended - trials.length);
  io.print(
    `study ${name}: ${trials.length} trials to run${
      bred === undefined ? "" : `, then ${bred} that are bred from them`
    }`,
  );
  io.printJson({ study: name, trials, evolution });
}

/** Each takes some hundred MB. */
const MOST_AT_ONCE = 64;

/** What a resumed search has decided already. */
const STORED = [
  ...Object.keys(SPACE_OPTIONS),
  ...Object.keys(EVOLUTION_OPTIONS),
  ...Object.keys(SEARCH_TRAINING_OPTIONS),
  ...Object.keys(SEARCH_POOL_OPTIONS),
  "seed",
  "quick",
];

/** A line for each trial as it ends. */
function announceTrials(io: Io): OnSearchTrial {
  return ({ layers, bits, ratePenalty, loss, seed, state, error }, trained) => {
    const name = `${cleanText(layers)}, ${bits} bits, penalty ${ratePenalty}, ${
      nameLoss(loss)
    }, seed ${seed}`;
    if (!trained) {
      const line = `${name}: ${state}: ${cleanText(`${error}`)}`;
      io.print(state === "failed" ? io.colours.red(line) : line);
      return;
    }
    io.print(
      `${name}: ${trained.dram.length} bytes, validation ${
        trained.validation.toFixed(4)
      }, test ${trained.test.toFixed(4)}`,
    );
  };
}

export const command = defineCommand({
  name: "search",
  about:
    `Tries compact students: every combination of layers, bits, rate penalty, loss
and seed, each trained to a .dram file, some at a time, and stopped early where
a smaller one does better. With --evolve those are where it begins: students
with other widths, windows, layers, bits and penalties are bred from the best,
in bytes and validation error, of those that are done. Prints s(f) in file bytes
and writes a report. All is kept in studies/NAME: search.db, search.html and
plots. What is done is never done again; after a stop of whatever kind the same
command goes on.`,
  examples: [
    "search --quick",
    'search --layers "pool2,conv3x6,mean;conv5x4/2,conv3x8" --bits 3,4',
    'search --family pooled,strided --channels "4,6;8,12" --study kinds',
    "search --evolve 300 --seed 1 --study evolved-1",
    "search --resume --study kinds",
  ],
  options: {
    quick: { kind: "boolean", help: "two students, in some minutes" },
    ...SPACE_OPTIONS,
    ...EVOLUTION_OPTIONS,
    exhaustive: {
      kind: "boolean",
      help: "stop no trial early, and train those stopped before",
    },
    margin: {
      kind: "number",
      min: 0,
      default: 0.5,
      help:
        "stop a trial whose error is above a smaller one's by more than this share",
    },
    ...SEARCH_TRAINING_OPTIONS,
    ...SEARCH_POOL_OPTIONS,
    ...TEACHER_OPTIONS,
    study: {
      ...SEARCH_STUDY_OPTIONS.study,
      usual: `"${DEFAULT_SEARCH}", with --evolve "${DEFAULT_EVOLUTION}"`,
    },
    workers: {
      kind: "integer",
      min: 1,
      max: MOST_AT_ONCE,
      usual: "one a core, up to 4, or one on a GPU",
      help: "students trained at a time",
    },
    resume: {
      kind: "boolean",
      help: "finish what the study has planned, as it was planned",
    },
    retryFailed: { kind: "boolean", help: "try again what has failed" },
    dryRun: { kind: "boolean", help: "list trials and sizes; train nothing" },
  },
  savesOnInterrupt: true,
  async run(values, io) {
    const began = performance.now();
    const { quick, margin } = values;
    const usual = values.evolve === undefined
      ? DEFAULT_SEARCH
      : DEFAULT_EVOLUTION;
    const name = values.study ?? (quick ? `${usual}-quick` : usual);
    const folder = studyFolder(name);
    if (values.resume) checkResumes(values, STORED);
    checkEvolution(values);
    const preset = quick ? QUICK_CANDIDATES : DEFAULT_CANDIDATES;
    const space = searchSpace(preset, values);
    const candidates = values.resume || values.evolve !== undefined
      ? []
      : listCandidates(space);
    const { teacher, dataset } = await loadTeacherAndData(values, io);
    const training = values.resume ? readStoredSearch(name) : searchTraining(
      quick ? QUICK_TRAINING : SEARCH_TRAINING,
      values,
      dataset,
    );
    // Before anything is computed: layers that can't be built are found here.
    const evolution = values.resume
      ? readStoredEvolution(name)
      : values.evolve === undefined
      ? undefined
      : beginEvolution(listRecipes(space), {
        seed: values.seed ?? DEFAULT_SEED,
        trials: values.evolve,
        mostBytes: values.largest,
      }, { dataset, training });
    const sized = evolution
      ? listFounders(evolution, { dataset, training })
      : sizeCandidates(candidates, { dataset, training });
    if (values.dryRun) {
      printDryRun(name, sized, evolution, io);
      return;
    }
    const backend = await startBackend(values.backend, io, { tune: true });
    using _claim = await claimFolder(folder, { command: "search" });
    const workers = values.workers ?? countWorkers(backend);
    const { pool, validation, accuracy } = await openSearchPools(
      { teacher, dataset, training, backend, memory: values.memory },
      io,
    );
    using progress = io.progress("trials");
    const epochs = training.epochs.float + training.epochs.quantised;
    const result = await search({
      name,
      path: searchPath(name),
      teacher,
      dataset,
      candidates,
      evolution,
      training,
      backend,
      workers,
      retryFailed: values.retryFailed,
      accuracy,
      secondsBefore: (performance.now() - began) / 1000,
      stopping: values.exhaustive
        ? undefined
        : { rungs: placeRungs(epochs), margin },
      train: compactTrainer({
        pool,
        validation,
        test: dataset.test,
        training,
        classNames: dataset.classNames,
        backend: backend.name,
        onNote: io.note,
      }),
      onWait: io.note,
      onTrial: announceTrials(io),
      onProgress: (done, total, { trial, epoch }) =>
        progress.work({
          done: Number(done.toFixed(2)),
          total,
          unit: "trials",
          detail: `${trial.layers} seed ${trial.seed}${
            epoch
              ? `, epoch ${epoch.epoch}/${epochs}, validation ${
                epoch.validation.accuracy.toFixed(4)
              }`
              : ""
          }`,
        }),
      signal: io.signal,
    });
    const [page] = await writeSearchReport(folder, result);
    printSearch(result, io);
    io.print(`\nReport: ${cleanText(page)}`);
    io.printJson(result);
    const failed = result.unfinished.filter(({ state }) => state === "failed");
    if (failed.length > 0) {
      throw new Error(
        `Cannot finish the study ${name}: every trial must be done or stopped: ${failed.length} failed, the first with "${
          failed[0].reason
        }"; \`deno task search --study ${name} --resume --retry-failed\` tries them again`,
      );
    }
  },
});
