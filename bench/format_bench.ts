import { type Column, formatTextTable } from "../core/text/text_table.ts";
import type { Comparison } from "./compare_ratios.ts";
import type { Absence, Measurement, Subject } from "./measurement.ts";
import { LEAST_RATE, type PeerRate } from "./judge_peers.ts";
import type { Capacity } from "./measure_capacity.ts";
import type { Ratio } from "./ratios.ts";
import type { BenchReport } from "./run_bench.ts";

/** Three digits at least, none after the point from 100 on. */
function formatNumber(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : value.toPrecision(3);
}

function left(heading: string): Column {
  return { heading, align: "left" };
}

function right(heading: string): Column {
  return { heading, align: "right" };
}

function nameWork({ work, model, batch, students }: Subject): string {
  return [
    work,
    model,
    students && `${students} ${students === 1 ? "student" : "students"}`,
    batch > 0 && `batch ${batch}`,
  ].filter(Boolean).join(", ");
}

const MEASUREMENT_COLUMNS = [
  left("work"),
  left("system"),
  left("backend"),
  right("ms"),
  right("least"),
  right("most"),
  right("runs"),
  right("images/s"),
  right("GFLOP/s"),
  right("of matmul"),
  right("peak MB"),
];

function measurementRow(each: Measurement): string[] {
  const orDash = (value: number | null, scale = 1) =>
    value === null ? "–" : formatNumber(value * scale);
  return [
    nameWork(each),
    `${each.system} ${each.version}${each.crippled ? " (crippled)" : ""}`,
    each.backend,
    formatNumber(each.median_ms),
    formatNumber(each.min_ms),
    formatNumber(each.max_ms),
    each.runs === 0 ? "estimated" : String(each.runs),
    orDash(each.images_per_second),
    orDash(each.gflops),
    each.matmul_fraction === null
      ? "–"
      : `${(each.matmul_fraction * 100).toFixed(1)}%`,
    orDash(each.peak_bytes, 1e-6),
  ];
}

function countThreads(count: number): string {
  return `${count} ${count === 1 ? "thread" : "threads"}`;
}

/** What a peer's products reach beside the processor's best, and what that means. */
function formatPeer(peer: PeerRate): string {
  const { system, version, backend, blas, threads, remedy } = peer;
  const share = 100 * peer.matmul_gflops / peer.processor_gflops;
  const able = [
    blas,
    threads !== null && countThreads(threads),
    `matrix products ${formatNumber(peer.matmul_gflops)} GFLOP/s`,
    `${share.toFixed(0)}% of the processor's ${
      formatNumber(peer.processor_gflops)
    }`,
  ].filter(Boolean).join(", ");
  const verdict = peer.crippled
    ? `crippled: ${system} on ${backend} reaches less than ${
      100 * LEAST_RATE
    }% of that, and is left out of the ratios: ${remedy}\n`
    : "";
  return `${system} ${version} on ${backend}: ${able}\n${verdict}`;
}

/** On how many threads the others compute that tell it. */
function formatThreads(measurements: readonly Measurement[]): string {
  const told = measurements.filter((each) =>
    each.threads !== undefined && each.own_matmul_gflops === undefined
  );
  const lines = told.map(({ system, version, backend, threads = 1 }) =>
    `${system} ${version} on ${backend}: ${countThreads(threads)}\n`
  );
  return [...new Set(lines)].join("");
}

function formatAbsence(each: Absence): string {
  return `absent: ${
    nameWork(each)
  }, ${each.system} on ${each.backend}: ${each.reason}\n`;
}

function formatRatios(ratios: Ratio[]): string {
  const columns = [
    left("ratio"),
    right("value"),
    right("at least"),
    right("aim"),
    left("met"),
  ];
  const factor = (value: number | null) =>
    value === null ? "" : `${formatNumber(value)}×`;
  const met = { true: "yes", false: "no", null: "" };
  return formatTextTable(
    columns,
    ratios.map((ratio) => [
      ratio.name,
      factor(ratio.value),
      ratio.at_least === null ? "" : `${ratio.at_least}×`,
      ratio.aim === null ? "" : `${ratio.aim}×`,
      met[`${ratio.met}`],
    ]),
  );
}

function formatCapacity({ backend, students, steps }: Capacity): string {
  const list = steps.map((step) =>
    `${step.students}: ${formatNumber(step.median_ms)} ms`
  );
  return `students of 6 units in one cohort on ${backend} before a step takes twice that of one: ${students} (${
    list.join(", ")
  })\n`;
}

const ESTIMATED =
  "estimated: measured steps of student-step, interpolated between widths, times the steps of all\nstudents. Each step feeds its images through the frozen convolutions, as plain tfjs would;\nvalidation, tests and starts are left out, in favour of whom it is the time of\n";

/** What the times of reading are. */
const PROCESSOR =
  "read-png, read-jpeg: ms of the processor's time, on all threads together: what a core takes\n";

/**
 * A report for people: machine, every measurement, what was absent and why, how
 * many students fit a cohort, and the ratios beside what is asked of them.
 */
export function formatBench(report: BenchReport): string {
  const { date, deno, machine, adapter, measurements, ratios } = report;
  const rate = machine.matmul_gflops === null
    ? "not measured"
    : `${formatNumber(machine.matmul_gflops)} GFLOP/s`;
  const { native } = machine;
  const alone = native === null
    ? ""
    : `${native.library} by itself, ${
      countThreads(native.threads)
    }: matrix products ${formatNumber(native.matmul_gflops)} GFLOP/s\n`;
  return [
    `${date}, Deno ${deno}\n${machine.cpu}, ${machine.cores} cores, matrix products ${rate}; WebGPU adapter: ${
      adapter ?? "none"
    }\n${alone}${report.peers.map(formatPeer).join("")}${
      formatThreads(measurements)
    }`,
    "",
    formatTextTable(MEASUREMENT_COLUMNS, measurements.map(measurementRow)),
    measurements.some(({ runs }) => runs === 0) ? ESTIMATED : "",
    measurements.some(({ work }) => work === "read-png" || work === "read-jpeg")
      ? PROCESSOR
      : "",
    report.absent.map(formatAbsence).join(""),
    report.capacity.map(formatCapacity).join(""),
    ratios.length > 0 ? formatRatios(ratios) : "",
  ].filter((part) => part !== "").join("\n").trimEnd();
}

/** What has become of a record's ratios. */
export function formatComparisons(comparisons: Comparison[]): string {
  const columns = [
    left("ratio"),
    right("now"),
    right("recorded"),
    left("verdict"),
  ];
  return formatTextTable(
    columns,
    comparisons.map(({ name, value, recorded, regressed }) => [
      name,
      `${formatNumber(value)}×`,
      `${formatNumber(recorded)}×`,
      regressed ? "fallen" : "kept",
    ]),
  ).trimEnd();
}
