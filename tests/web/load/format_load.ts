import type { Burst } from "./measure_bursts.ts";
import type { ServerLoad } from "./measure_load.ts";

/** What one server did, in all. */
export interface LoadSummary {
  server: string;
  answered: number;
  failed: number;
  requestsPerSecond: number;
  /** Of the round in the middle. */
  p50Ms: number;
  p99Ms: number;
  memoryBefore: number;
  memoryAfterFirst: number;
  memoryAfterLast: number;
}

/** Sums up the rounds of a server. */
export function summariseLoad(
  { server, rounds, memory }: ServerLoad,
): LoadSummary {
  const sum = (key: "answered" | "failed" | "seconds") =>
    rounds.reduce((total, round) => total + round[key], 0);
  const middle = (key: "p50Ms" | "p99Ms") => {
    const sorted = rounds.map((round) => round[key]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  return {
    server,
    answered: sum("answered"),
    failed: sum("failed"),
    requestsPerSecond: sum("answered") / sum("seconds"),
    p50Ms: middle("p50Ms"),
    p99Ms: middle("p99Ms"),
    memoryBefore: memory[0],
    memoryAfterFirst: memory[1],
    memoryAfterLast: memory[memory.length - 1],
  };
}

/** The summaries as a table. */
export function formatLoad(summaries: readonly LoadSummary[]): string {
  const rows = [
    ["", ...summaries.map(({ server }) => server)],
    ["requests answered", ...summaries.map((each) => `${each.answered}`)],
    ["failed", ...summaries.map(({ failed }) => `${failed}`)],
    [
      "requests a second",
      ...summaries.map((each) => each.requestsPerSecond.toFixed(0)),
    ],
    ["p50", ...summaries.map(({ p50Ms }) => `${p50Ms} ms`)],
    ["p99", ...summaries.map(({ p99Ms }) => `${p99Ms} ms`)],
    ["memory before", ...summaries.map((each) => mebibytes(each.memoryBefore))],
    [
      "after the first round",
      ...summaries.map((each) => mebibytes(each.memoryAfterFirst)),
    ],
    [
      "after the last round",
      ...summaries.map((each) => mebibytes(each.memoryAfterLast)),
    ],
  ];
  return formatRows(rows);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function formatRows(rows: readonly string[][]): string {
  return rows.map(([label, ...cells]) =>
    label.padEnd(24) + cells.map((cell) => cell.padStart(10)).join("")
  ).join("\n");
}

/** What bursts cost, as a table. */
export function formatBursts(bursts: readonly Burst[]): string {
  const row = (label: string, key: "idle" | "height" | "open") => [
    label,
    ...bursts.map((burst) => mebibytes(burst[key])),
  ];
  return formatRows([
    ["", ...bursts.map(({ kind }) => kind)],
    row("memory before", "idle"),
    row("at the height", "height"),
    row("after 30 s of it", "open"),
    ["connections then", ...bursts.map(({ left }) => `${left}`)],
    ["10 s after", ...bursts.map(({ after10 }) => mebibytes(after10))],
    ["30 s after", ...bursts.map(({ after30 }) => mebibytes(after30))],
  ]);
}
