import { cpus } from "node:os";
import { STUDENT_TRAINING } from "../core/distill/distil_student.ts";
import { VERSION } from "../core/version.ts";
import { compareSweeps } from "./compare_sweeps.ts";
import { findCompact, readRecipes, RECIPES } from "./find_compact.ts";
import type { Repetitions } from "./interleave.ts";
import { judgePeers, type PeerRate } from "./judge_peers.ts";
import { type Capacity, measureCapacity } from "./measure_capacity.ts";
import { measureItems, type OnRun, type Results } from "./measure_items.ts";
import {
  measureSweep,
  type SweepProgram,
  type SweepRun,
  type SweepRunOptions,
} from "./measure_sweep.ts";
import type { Absence, Measurement, Subject } from "./measurement.ts";
import { measureNativeLimit, type NativeLimit } from "./native_blas.ts";
import { countOperations } from "./operations.ts";
import { readingItem, writePictures } from "./pictures.ts";
import { computeRatios, type Ratio } from "./ratios.ts";
import { summariseRuns } from "./summarise_runs.ts";
import { listBoxSystems, listCompactSystems, type System } from "./system.ts";
import { PICTURE_FORMS, type PictureForm } from "./task.ts";
import {
  BOX_ITEMS,
  cohortItems,
  COMPACT_ITEMS,
  compactItems,
  compactStepItems,
  type Item,
  MATMUL,
  SHARED_WORK,
  STUDENT_STEPS,
  type WorkChoice,
} from "./work.ts";

/** Sweeps of one student, and of many, once the features are there. */
interface Sharing {
  /** Of one student of {@linkcode ALONE_HIDDEN} units. */
  alone: SweepRun[];
  /** Of 36: the default widths and losses, under two seeds. */
  together: SweepRun;
}

/** Units of the student that is trained alone: about the mean of the default sweep's, 15. */
const ALONE_HIDDEN = 16;
const ALONE_RUNS = 3;

/**
 * What a student costs by itself, and as one of 36, as whole processes: start,
 * training, validation, test and report. `folder` must be one that the default
 * sweep has run in.
 */
export async function measureSharing(
  program: SweepProgram,
  options: SweepRunOptions,
): Promise<Sharing> {
  const run = (study: string, ...args: string[]) =>
    measureSweep({
      ...program,
      args: [...program.args ?? [], "--study", study, ...args],
    }, options);
  const alone = [];
  for (let index = 0; index < ALONE_RUNS; index++) {
    alone.push(
      await run(
        `alone-${index}`,
        "--hidden",
        `${ALONE_HIDDEN}`,
        "--loss",
        "logit-mse",
        "--seeds",
        "1",
      ),
    );
  }
  return { alone, together: await run("together", "--seeds", "1,2") };
}

/** Sweeps of equal students as one measurement. */
function sharingMeasurement(runs: SweepRun[]): Measurement {
  const [{ backend, adapter, hidden, images }] = runs;
  const summary = summariseRuns(runs.map(({ milliseconds }) => milliseconds));
  const seen = hidden.length * STUDENT_TRAINING.epochs * images;
  const peaks = runs.map(({ peakBytes }) => peakBytes ?? 0);
  return {
    work: "student-sweep",
    model: hidden.length === 1 ? `student-${ALONE_HIDDEN}` : undefined,
    batch: STUDENT_TRAINING.batchSize,
    students: hidden.length,
    system: "retort",
    version: VERSION,
    backend,
    adapter,
    ...summary,
    images_per_second: seen * 1e3 / summary.median_ms,
    gflops: null,
    matmul_fraction: null,
    peak_bytes: Math.max(...peaks) || null,
  };
}

/** A student's whole sweep by itself beside that of 36, as measurements. */
export function compareSharing({ alone, together }: Sharing): Measurement[] {
  return [sharingMeasurement(alone), sharingMeasurement([together])];
}

/** What ran, and where. */
export interface Machine {
  /** Threads that the processor runs at a time. */
  cores: number;
  /** The processor's name. */
  cpu: string;
  /** The best rate of a product of 1024×1024 matrices in any run of any system, or of OpenBLAS. */
  matmul_gflops: number | null;
  /** What OpenBLAS by itself reaches; null where it isn't installed. */
  native: NativeLimit | null;
}

/** All that one run of the benchmark has found. */
export interface BenchReport {
  /** When it began, as ISO 8601. */
  date: string;
  deno: string;
  machine: Machine;
  /** The WebGPU adapter's name; null where there is none. */
  adapter: string | null;
  measurements: Measurement[];
  absent: Absence[];
  capacity: Capacity[];
  ratios: Ratio[];
  /** What the peers that compute by a native library are able to. */
  peers: PeerRate[];
}

/** What to measure, and how. */
export interface BenchOptions {
  works: readonly WorkChoice[];
  systems: readonly System[];
  /** Who reads pictures of each form. */
  readers: Record<PictureForm, readonly System[]>;
  repetitions: Repetitions;
  /** The WebGPU adapter's name, and whether the processor does its work. */
  adapter: { name: string; software: boolean } | null;
  /** The folder of an OpenBLAS, where one is installed; and the threads that it may take. */
  openblas: { folder: string; threads: number } | null;
  /** The folder of `.dram` files of which the smallest good one is run. */
  compact: string;
  /** The command line whose `sweep` is measured. */
  sweep: SweepProgram;
  /** Told what is about to run; `done` of the `total` runs that all take at the least are. */
  onProgress?: (
    progress: { done: number; total: number; detail: string },
  ) => void;
  signal?: AbortSignal;
}

/** The highest rate that any run of matrix products reached, in 10⁹ operations a second. */
function bestMatmul(
  measurements: Measurement[],
  native: NativeLimit | null,
): number | null {
  const operations = countOperations(MATMUL.task);
  const rates = measurements.filter(({ work }) => work === "matmul")
    .map(({ min_ms }) => operations / min_ms / 1e6)
    .concat(native?.matmul_gflops ?? []);
  return rates.length > 0 ? Math.max(...rates) : null;
}

/** Who trains compact models: stock tfjs has no such quantiser, nor the gradients on Wasm. */
function listTrainers(systems: readonly System[]): System[] {
  return systems.filter(({ name, backend }) =>
    name === "retort" || (name === "pytorch" && backend === "cpu")
  );
}

/** How many runs of different items on different systems a work asks for. */
function pairCount(
  work: WorkChoice,
  { systems, readers }: Pick<BenchOptions, "systems" | "readers">,
): number {
  const named = (wanted: string) =>
    systems.filter(({ name }) => name === wanted).length;
  switch (work) {
    case "cohort":
      return cohortItems().length * named("retort");
    case "capacity":
      return 0;
    case "sweep":
      return STUDENT_STEPS.length * named("tfjs");
    case "compact-step":
      return 2 * RECIPES.length * listTrainers(systems).length;
    case "compact":
      return COMPACT_ITEMS * listCompactSystems(systems).length;
    case "reading":
      return readers.png.length + readers.jpeg.length;
    case "black-box":
      return BOX_ITEMS.length * listBoxSystems(systems).length;
    default:
      return SHARED_WORK[work].length * systems.length;
  }
}

/**
 * Counts runs as they begin, for progress: of each item on each system the least
 * that there will be, so that slow and fast ones count alike. The products of
 * matrices by which native systems are judged count once.
 */
function countRuns(
  options: BenchOptions,
): { onRun: OnRun; tell: (detail: string) => void } {
  const { works, systems, repetitions, onProgress } = options;
  const each = repetitions.least + 1;
  const pairs = works.reduce(
    (sum, work) => sum + pairCount(work, options),
    systems.length,
  );
  const total = pairs * each;
  const begun = new Map<string, number>();
  let done = 0;
  const tell = (detail: string) => onProgress?.({ done, total, detail });
  return {
    tell,
    onRun({ name, backend }, { task }) {
      const key = JSON.stringify([name, backend, task]);
      const count = (begun.get(key) ?? 0) + 1;
      begun.set(key, count);
      tell(`${task.work}, ${name} on ${backend}`);
      if (count <= each) done++;
    },
  };
}

/**
 * Measures `works` on `systems`, the rate of matrix products first; within each
 * work the systems run in turn. What a system can't do is told as absent.
 */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { works, systems, repetitions, adapter, signal } = options;
  const date = new Date().toISOString();
  const capacity: Capacity[] = [];
  const results: Results = { measurements: [], absent: [] };
  const progress = countRuns(options);
  const measure = async (on: readonly System[], items: readonly Item[]) => {
    const { onRun } = progress;
    const found = await measureItems(on, items, { repetitions, onRun, signal });
    results.measurements.push(...found.measurements);
    results.absent.push(...found.absent);
  };
  /** What stops one part doesn't stop the rest. */
  const attempt = async (subject: Subject, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      results.absent.push({ ...subject, reason });
    }
  };
  const retort = systems.filter(({ name }) => name === "retort");

  if (options.openblas) progress.tell("matrix products, OpenBLAS by itself");
  const native = options.openblas &&
    await measureNativeLimit(options.openblas);
  await measure(systems, [MATMUL]);
  for (const work of works) {
    if (work === "cohort") await measure(retort, cohortItems());
    else if (work === "black-box") {
      await measure(listBoxSystems(systems), BOX_ITEMS);
    } else if (work === "compact-step") {
      const subject: Subject = {
        work: "compact-step",
        batch: 0,
        system: "retort",
        backend: "wasm",
      };
      await attempt(subject, async () => {
        const items = compactStepItems(await readRecipes(options.compact));
        await measure(listTrainers(systems), items);
      });
    } else if (work === "compact") {
      const subject: Subject = {
        work: "compact-inference",
        batch: 1,
        system: "retort",
        backend: "direct",
      };
      await attempt(subject, async () => {
        const model = await findCompact(options.compact);
        await measure(listCompactSystems(systems), compactItems(model));
      });
    } else if (work === "reading") {
      progress.tell("pictures to read");
      const subject: Subject = {
        work: "read-png",
        batch: 0,
        system: "retort",
        backend: "direct",
      };
      await attempt(subject, async () => {
        const folder = await Deno.makeTempDir({ prefix: "retort-bench-" });
        try {
          await writePictures(folder);
          for (const form of PICTURE_FORMS) {
            await measure(options.readers[form], [readingItem(form, folder)]);
          }
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      });
    } else if (work === "capacity") {
      for (const system of retort) {
        const onSize = (size: number) =>
          progress.tell(`cohorts of ${size} on ${system.backend}`);
        const { name, backend } = system;
        const subject: Subject = {
          work: "cohort",
          batch: 0,
          system: name,
          backend,
        };
        await attempt(subject, async () => {
          capacity.push(await measureCapacity(system, { onSize, signal }));
        });
      }
    } else if (work === "sweep") {
      progress.tell("sweep, the whole process");
      const backend = options.sweep.backend === "webgpu" ? "webgpu" : "wasm";
      const subject: Subject = {
        work: "sweep",
        batch: 128,
        system: "retort",
        backend,
      };
      await attempt(subject, async () => {
        const folder = await Deno.makeTempDir({ prefix: "retort-bench-" });
        try {
          const sweep = await measureSweep(options.sweep, { folder, signal });
          const stock = systems.filter(({ name, backend }) =>
            name === "tfjs" && backend === sweep.backend
          );
          await measure(stock, STUDENT_STEPS);
          results.measurements.push(
            ...compareSweeps(sweep, results.measurements),
          );
          progress.tell("sweeps of one student and of 36");
          const sharing = await measureSharing(options.sweep, {
            folder,
            signal,
          });
          results.measurements.push(...compareSharing(sharing));
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      });
    } else await measure(systems, SHARED_WORK[work]);
  }
  const matmul = bestMatmul(results.measurements, native);
  const software = adapter?.software ?? true;
  const judged = judgePeers(results.measurements, { native, software });
  return {
    date,
    deno: Deno.version.deno,
    machine: {
      cores: navigator.hardwareConcurrency,
      cpu: cpus()[0]?.model ?? "unknown",
      matmul_gflops: matmul,
      native,
    },
    adapter: adapter?.name ?? null,
    measurements: judged.measurements.map((each) => ({
      ...each,
      matmul_fraction: each.gflops === null || matmul === null
        ? null
        : each.gflops / matmul,
    })),
    absent: results.absent,
    capacity,
    ratios: computeRatios(judged.measurements, { software }),
    peers: judged.peers,
  };
}
