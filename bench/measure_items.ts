import { interleave, type Repetitions } from "./interleave.ts";
import type { Absence, Measurement } from "./measurement.ts";
import { countOperations } from "./operations.ts";
import { type Peer, startPeer } from "./peer_process.ts";
import { summariseRuns } from "./summarise_runs.ts";
import type { System } from "./system.ts";
import { type Item, MATMUL } from "./work.ts";

/** What was measured, and what could not be. */
export interface Results {
  measurements: Measurement[];
  absent: Absence[];
}

/** Told what is about to run. */
export type OnRun = (system: System, item: Item) => void;

/** The measurement that some runs of `item` on `peer` come to. */
function toMeasurement(
  { subject, task, parts = 1 }: Item,
  { system, version, adapter, blas, threads }: Pick<
    Peer,
    "system" | "version" | "adapter" | "blas" | "threads"
  >,
  milliseconds: number[],
  peakBytes: number | null,
): Measurement {
  const summary = summariseRuns(milliseconds.map((each) => each / parts));
  const operations = countOperations(task) / parts;
  const images = subject.batch * (subject.students ?? 1);
  return {
    ...subject,
    system: system.name,
    backend: system.backend,
    version,
    adapter,
    ...summary,
    images_per_second: images === 0 ? null : images * 1e3 / summary.median_ms,
    gflops: operations === 0 ? null : operations / summary.median_ms / 1e6,
    matmul_fraction: null,
    peak_bytes: peakBytes,
    ...(blas === undefined ? {} : { blas }),
    ...(threads === undefined ? {} : { threads }),
  };
}

/** The best rate that `milliseconds` of matrix products come to. */
function productRate(milliseconds: number[]): number {
  return countOperations(MATMUL.task) / Math.min(...milliseconds) / 1e6;
}

/**
 * Starts a process for each of `systems`, and times every one of `items` on each,
 * all in turn. A system that can't start, or can't do an item, is told as absent
 * with its reason. One that computes by a native library multiplies matrices in
 * between, so that its measurements tell what that process was able to.
 */
export async function measureItems(
  systems: readonly System[],
  items: readonly Item[],
  { repetitions, onRun, signal }: {
    repetitions: Repetitions;
    onRun?: OnRun;
    signal?: AbortSignal;
  },
): Promise<Results> {
  const results: Results = { measurements: [], absent: [] };
  const tellAbsent = (system: System, { subject }: Item, reason: string) =>
    results.absent.push({
      ...subject,
      system: system.name,
      backend: system.backend,
      reason,
    });
  await using peers = new AsyncDisposableStack();
  const started: Peer[] = [];
  // One after another: Retort may measure its adapter when it starts.
  for (const system of systems) {
    try {
      started.push(peers.use(await startPeer(system)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const item of items) tellAbsent(system, item, reason);
    }
  }
  const pairOf = (item: Item, peer: Peer) => ({
    item,
    peer,
    run: () => peer.run(item.task),
  });
  const judged = items.includes(MATMUL)
    ? []
    : started.filter(({ system }) => system.native);
  const pairs = [
    ...items.flatMap((item) => started.map((peer) => pairOf(item, peer))),
    ...judged.map((peer) => pairOf(MATMUL, peer)),
  ];
  const outcomes = await interleave(pairs, repetitions, {
    signal,
    onRun: (index) => onRun?.(pairs[index].peer.system, pairs[index].item),
  });
  const ownRates = new Map(outcomes.flatMap((outcome, index) => {
    const { item, peer } = pairs[index];
    if ("error" in outcome || item !== MATMUL || !peer.system.native) return [];
    return [[peer, productRate(outcome.milliseconds)]];
  }));
  const asked = items.length * started.length;
  for (const [index, outcome] of outcomes.slice(0, asked).entries()) {
    const { item, peer } = pairs[index];
    if ("error" in outcome) {
      tellAbsent(peer.system, item, outcome.error.message);
    } else {
      const { milliseconds } = outcome;
      const peak = await peer.peakBytes();
      const own = ownRates.get(peer);
      results.measurements.push({
        ...toMeasurement(item, peer, milliseconds, peak),
        ...(own === undefined ? {} : { own_matmul_gflops: own }),
      });
    }
  }
  return results;
}
