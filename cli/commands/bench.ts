import { fileURLToPath } from "node:url";
import { compareRatios, LEAST_SHARE } from "../../bench/compare_ratios.ts";
import { formatBench, formatComparisons } from "../../bench/format_bench.ts";
import type { Repetitions } from "../../bench/interleave.ts";
import { findOpenblas, nativeEnvironment } from "../../bench/native_blas.ts";
import {
  type BenchRecord,
  readRecord,
  recordName,
  writeRecord,
} from "../../bench/record_file.ts";
import {
  type BenchOptions,
  type BenchReport,
  runBench,
} from "../../bench/run_bench.ts";
import {
  findPython,
  listReaders,
  listSystems,
  SYSTEM_NAMES,
} from "../../bench/system.ts";
import { WORK_CHOICES } from "../../bench/work.ts";
import { adapterName, requestAdapter } from "../../core/device/adapter.ts";
import type { BackendChoice } from "../../core/device/select_backend.ts";
import { claimOutput, FORCE_OPTION } from "./claim_output.ts";
import { defineCommand, type Io } from "../command.ts";
import { UsageError } from "../terminal/errors.ts";
import { TUNING } from "./experiment.ts";
import { ownPath } from "../options/own_path.ts";

/** A full run's: a slow system gets the least, a fast one as many as fit. */
const REPETITIONS: Repetitions = { least: 3, most: 15, budget: 4000 };
const QUICK_REPETITIONS: Repetitions = { least: 3, most: 3, budget: 0 };

function chooseBackends(choice: BackendChoice): ("webgpu" | "wasm")[] {
  switch (choice) {
    case "auto":
      return ["webgpu", "wasm"];
    case "cpu":
      throw new UsageError(
        "Cannot bench --backend cpu: a step would take a minute: pass webgpu or wasm",
      );
    default:
      return [choice];
  }
}

async function describeAdapter(): Promise<
  { name: string; software: boolean } | null
> {
  const adapter = await requestAdapter();
  return adapter &&
    { name: adapterName(adapter), software: adapter.info.isFallbackAdapter };
}

/** Runs the benchmark, with progress until it is done. */
async function measure(io: Io, options: BenchOptions): Promise<BenchReport> {
  using progress = io.progress("bench");
  return await runBench({
    ...options,
    onProgress: (now) => progress.work({ ...now, unit: "runs" }),
    signal: io.signal,
  });
}

/** Compares with a record; throws where a ratio has fallen too far. */
function checkAgainst(
  record: BenchRecord,
  report: BenchReport,
  path: string,
  io: Io,
): void {
  const broken = report.absent.filter(({ system }) => system === "retort");
  if (broken.length > 0) {
    const [{ work, backend, reason }] = broken;
    throw new Error(
      `Cannot compare with ${path}: all of Retort's own work must have been measured: ${work} on ${backend} was not: ${reason}`,
    );
  }
  const comparisons = compareRatios(report.ratios, record.ratios);
  if (comparisons.length === 0) {
    throw new Error(
      `Cannot compare with ${path}: it must have a ratio that was measured now: it has none`,
    );
  }
  const regressed = comparisons.filter((each) => each.regressed);
  io.print(`\n${formatComparisons(comparisons)}`);
  const left = record.ratios.length - comparisons.length;
  if (left > 0) {
    io.note(`${left} ratios of ${path} were not measured now`);
  }
  if (regressed.length === 0) return;
  throw new Error(
    `Cannot pass: each ratio must be at least ${LEAST_SHARE} of what it is in ${path}: fallen are ${
      regressed.map(({ name }) => name).join("; ")
    }`,
  );
}

export const command = defineCommand({
  name: "bench",
  about:
    `Measures Retort beside stock tfjs, jax-js, PyTorch and ONNX Runtime's Wasm, as
far as the machine has them, each in a process of its own, in turn: medians,
memory and ratios. Of the .dram files of models/compact the smallest of 0.99 is
run beside stock tfjs and ONNX Runtime. jax-js and ONNX Runtime are fetched when
they are measured; PyTorch is Debian's python3-torch, run by OpenBLAS on all
cores (libopenblas0-pthread): one that multiplies matrices at less than half of
the processor's rate is reported as crippled and left out of the ratios. Reading
pictures has peers of its own, Debian's python3-pil among them. All of it takes
ten minutes on two cores, and the sweep some more; what tfjs would take for the
sweep's students is estimated from measured steps.`,
  examples: [
    "bench",
    "bench --quick --only teacher-step,inference --systems retort,jax-js",
    "bench --record tests/bench/records",
  ],
  options: {
    only: {
      kind: "choices",
      choices: WORK_CHOICES,
      usual: "all of them",
      help: "what to measure",
    },
    systems: {
      kind: "choices",
      choices: SYSTEM_NAMES,
      usual: "all of them",
      help: "whom to measure",
    },
    quick: { kind: "boolean", help: "three runs of each, and no sweep" },
    record: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      usual: "nothing is written",
      help: "keep the result there, under its date and adapter",
    },
    ...FORCE_OPTION,
    compare: {
      kind: "path",
      reads: "file",
      placeholder: "FILE",
      usual: "no comparison",
      help:
        `fail where a ratio is below ${LEAST_SHARE} of what it is in this record`,
    },
  },
  async run({ only, quick, record, compare, force, backend, ...values }, io) {
    const { systems = SYSTEM_NAMES } = values;
    const backends = chooseBackends(backend);
    const adapter = await describeAdapter();
    const before = compare === undefined
      ? undefined
      : await readRecord(compare);
    if (before && before.adapter !== (adapter?.name ?? null)) {
      throw new Error(
        `Cannot compare with ${compare}: it must be of this machine's adapter, ${
          adapter?.name ?? "none"
        }: it is of ${before.adapter ?? "none"}`,
      );
    }
    const works = only ??
      WORK_CHOICES.filter((work) => !quick || work !== "sweep");
    const threads = navigator.hardwareConcurrency;
    const reading = { names: systems, python: await findPython("PIL") };
    const openblas = await findOpenblas();
    const partial = quick || works.length < WORK_CHOICES.length ||
      systems.length < SYSTEM_NAMES.length || backend !== "auto";
    const today = {
      date: new Date().toISOString(),
      adapter: adapter?.name ?? null,
    };
    using _claim = record === undefined ? undefined : await claimOutput({
      command: "bench",
      option: "--record",
      force,
      at: { folder: record },
      makes: [`${record}/${recordName(today, { partial })}`],
    });
    const report = await measure(io, {
      works,
      openblas: openblas === null ? null : { folder: openblas, threads },
      systems: listSystems({
        names: systems,
        backends,
        native: {
          python: await findPython("torch"),
          threads,
          environment: nativeEnvironment(Deno.env.toObject(), {
            threads,
            openblas,
          }),
        },
        tuning: ownPath(TUNING),
        hardware: adapter !== null && !adapter.software,
      }),
      readers: {
        png: listReaders("png", reading),
        jpeg: listReaders("jpeg", reading),
      },
      repetitions: quick ? QUICK_REPETITIONS : REPETITIONS,
      adapter,
      compact: fileURLToPath(new URL("../../models/compact", import.meta.url)),
      sweep: {
        program: fileURLToPath(new URL("../main.ts", import.meta.url)),
        config: fileURLToPath(new URL("../../deno.json", import.meta.url)),
        backend,
      },
    });
    io.print(formatBench(report));
    io.printJson(report);
    if (record !== undefined) {
      const path = await writeRecord(record, report, { partial });
      io.note(`Recorded: ${path}`);
    }
    if (before && compare !== undefined) {
      checkAgainst(before, report, compare, io);
    }
  },
});
