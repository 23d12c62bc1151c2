import { isRecord, parseJsonObject } from "../core/files/json.ts";
import { readRegularFile } from "../core/files/read_regular_file.ts";
import { writeAtomically } from "../core/files/write_atomically.ts";
import type { Ratio } from "./ratios.ts";
import type { BenchReport } from "./run_bench.ts";

/** Bytes of a record, at the most: a full one has some 100 kB. */
const MOST_BYTES = 2 ** 24;

/** Whether all there is to measure was asked for. */
export interface RecordKind {
  /** Part of the work, of the systems or of the repetitions only. */
  partial: boolean;
}

/** What a comparison needs of a record. */
export interface BenchRecord {
  adapter: string | null;
  ratios: Pick<Ratio, "name" | "value">[];
}

/**
 * A record's file name: its day, and its adapter in letters, digits and hyphens;
 * `partial` behind them if it is not of all there is to measure.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { recordName } from "./record_file.ts";
 *
 * const report = { date: "2026-11-22T14:00:00.000Z", adapter: "llvmpipe (LLVM 15.0.6, 256 bits)" };
 * assertEquals(recordName(report), "2026-11-22-llvmpipe-llvm-15-0-6-256-bits.json");
 * ```
 */
export function recordName(
  { date, adapter }: Pick<BenchReport, "date" | "adapter">,
  { partial }: RecordKind = { partial: false },
): string {
  const name = (adapter ?? "no adapter").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `${date.slice(0, 10)}-${name}${partial ? "-partial" : ""}.json`;
}

/**
 * Writes `report` into `folder`, which is made if need be, and returns the file's
 * path. A record of the same kind, day and adapter is replaced.
 */
export async function writeRecord(
  folder: string,
  report: BenchReport,
  kind: RecordKind,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${recordName(report, kind)}`;
  await writeAtomically(path, `${JSON.stringify(report, null, 2)}\n`);
  return path;
}

/**
 * Reads the adapter and ratios of a record. Throws a `SyntaxError` where the file
 * is no record, and what the file system throws.
 */
export async function readRecord(path: string): Promise<BenchRecord> {
  const { adapter, ratios } = parseJsonObject(
    new TextDecoder().decode(
      await readRegularFile(path, { limit: MOST_BYTES }),
    ),
    path,
  );
  const isRatio = (value: unknown): value is Pick<Ratio, "name" | "value"> =>
    isRecord(value) && typeof value.name === "string" &&
    typeof value.value === "number";
  if (
    (adapter !== null && typeof adapter !== "string") ||
    !Array.isArray(ratios) || !ratios.every(isRatio)
  ) {
    throw new SyntaxError(
      `Cannot read ${path}: it must be what bench --record writes: it has no adapter or no ratios`,
    );
  }
  return { adapter, ratios };
}
