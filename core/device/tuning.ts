import { parseSealedJson, sealJson } from "../files/checksum.ts";
import { isRecord } from "../files/json.ts";
import { removeLeftovers } from "../files/temporary_file.ts";
import { writeAtomically } from "../files/write_atomically.ts";
import {
  type ProductKind,
  type Tile,
  tileCandidates,
  type Tiles,
  tilesInUse,
  useTiles,
} from "../kernels/webgpu/tile.ts";
import * as tf from "../tf.ts";
import { VERSION } from "../version.ts";
import { confirmDeviceHealthy } from "./health.ts";

/**
 * No candidate is begun after this long: the first ones, the defaults, go
 * first.
 */
const BUDGET_MS = 7000;
/**
 * Runs of a candidate, after the one that compiles its shaders; the fastest
 * counts.
 */
const RUNS = 3;
/** Images of a measured convolution: a GPU needs more to be busy. */
const IMAGES = { software: 16, hardware: 128 };

/**
 * A product to measure by, as large as those that training spends its time on.
 */
interface Work {
  kind: ProductKind;
  /**
   * What every entry of the product is: exact in float32, in any order of its
   * sum.
   */
  right: number;
  run: () => tf.Tensor;
}

const KINDS = ["convolution", "filterGradient", "dense"] as const;

/**
 * The work of `kind`, of one operand that is `value` everywhere and one that is
 * ½, over tensors that the caller's scope disposes of.
 */
function makeWork(kind: ProductKind, images: number, value: number): Work {
  const scale = 0.5 * value;
  if (kind === "dense") {
    const a = tf.fill([128, 2304], value);
    const b = tf.fill([2304, 128], 0.5);
    return { kind, right: scale * 2304, run: () => tf.matMul(a, b) };
  }
  const window = {
    strides: 1,
    pad: "valid",
    dataFormat: "NHWC",
    dilations: 1,
  };
  const x = tf.fill([images, 26, 26, 32], value);
  if (kind === "convolution") {
    const filter = tf.fill([3, 3, 32, 64], 0.5);
    return {
      kind,
      right: scale * 3 * 3 * 32,
      run: () => tf.engine().runKernel(tf.Conv2D, { x, filter }, window),
    };
  }
  const dy = tf.fill([images, 24, 24, 64], 0.5);
  const attributes = { ...window, filterShape: [3, 3, 32, 64] };
  return {
    kind,
    right: scale * images * 24 * 24,
    run: () =>
      tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, attributes),
  };
}

/** Milliseconds that `run` takes until one number of its result is read. */
async function time(run: () => tf.Tensor): Promise<number> {
  const start = performance.now();
  const first = tf.tidy(() => {
    const result = run();
    return tf.slice(tf.reshape(result, [result.size]), 0, 1);
  });
  await first.data();
  first.dispose();
  return performance.now() - start;
}

/** The device of the current backend, which must be WebGPU. */
function currentDevice(): GPUDevice {
  const backend = tf.backend();
  if (backend instanceof tf.WebGPUBackend) return backend.device;
  throw new TypeError(
    `Cannot measure tiles: the backend must be webgpu: current value is ${tf.getBackend()}`,
  );
}

/**
 * Waits until the device has done what was asked of it; for the caller's scope.
 */
async function send(): Promise<void> {
  await tf.fill([2000], 0).data();
}

/**
 * Whether `run`, which compiles its shaders by this, gives only the right
 * number. What `device` has against it is caught: it concerns a candidate, not
 * the results of others.
 */
async function isRight(
  device: GPUDevice,
  { run, right }: Work,
): Promise<boolean> {
  const filters = ["validation", "out-of-memory", "internal"] as const;
  filters.forEach((filter) => device.pushErrorScope(filter));
  let result: tf.Tensor | undefined;
  let equal = false;
  try {
    result = tf.tidy(run);
    equal = (await result.data()).every((value) => value === right);
  } catch {
    // It can't even be started; what was prepared for it may be invalid.
    await send().catch(() => {});
  } finally {
    result?.dispose();
  }
  const errors = await Promise.all(filters.map(() => device.popErrorScope()));
  return equal && errors.every((error) => error === null);
}

/** Milliseconds that `work` takes; undefined where its results are wrong. */
async function measure(
  device: GPUDevice,
  work: Work,
): Promise<number | undefined> {
  await send(); // With what a candidate spoils, all that is sent along is lost.
  if (!await isRight(device, work)) return undefined;
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await time(work.run));
  return Math.min(...runs);
}

/**
 * Which of `candidates` suits the current WebGPU backend, of a software adapter
 * or a GPU, for each of the three kinds of products that training is made of:
 * the fastest whose results are right, or the one in use where there is none.
 * The tiles in use are as before afterwards, and no tensor is left. Takes at
 * most about ten seconds on a software adapter, of which most compile shaders.
 *
 * Throws a `TypeError` where the backend isn't WebGPU.
 */
export async function measureTiles(
  software: boolean,
  candidates: Tile[],
): Promise<Tiles> {
  const device = currentDevice();
  const before = tilesInUse();
  const best = { ...before };
  const deadline = performance.now() + BUDGET_MS;
  const images = software ? IMAGES.software : IMAGES.hardware;
  try {
    for (const kind of KINDS) {
      let least = Infinity;
      for (const [index, tile] of candidates.entries()) {
        if (performance.now() > deadline) break;
        useTiles({ ...before, [kind]: tile });
        tf.engine().startScope();
        try {
          // Of other numbers each time: memory is reused, and one that writes
          // nothing must not pass with the results of the one before.
          const work = makeWork(kind, images, (index + 1) / 4);
          const ms = await measure(device, work) ?? Infinity;
          if (ms < least) [least, best[kind]] = [ms, tile];
        } finally {
          tf.engine().endScope();
        }
      }
    }
  } finally {
    useTiles(before);
  }
  return best;
}

/**
 * What measurements hold for: our version, the tiles to choose from, and an
 * adapter by all that WebGPU tells of it. Of its driver that is what the
 * description says, if anything.
 */
function identify({ info }: GPUAdapter): string {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  const candidates = JSON.stringify(tileCandidates(isFallbackAdapter));
  return [VERSION, candidates, vendor, architecture, device, description]
    .join("\n");
}

/** The file in `folder` that keeps the tiles of `adapter`. */
export async function tuningFile(
  folder: string,
  adapter: GPUAdapter,
): Promise<string> {
  const bytes = new TextEncoder().encode(identify(adapter));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${folder}/${hash.slice(0, 8).toHex()}.json`;
}

/** The candidate that `value` describes; undefined where it is none. */
function parseTile(value: unknown, software: boolean): Tile | undefined {
  return tileCandidates(software).find((tile) => {
    const entries = Object.entries(tile);
    return isRecord(value) && Object.keys(value).length === entries.length &&
      entries.every(([name, entry]) => value[name] === entry);
  });
}

/**
 * The tiles of `adapter` kept in `folder`; undefined where there are none, or
 * the file isn't one that this version wrote for this adapter, which `onDamage` is told
 * of.
 */
export async function readTuning(
  folder: string,
  adapter: GPUAdapter,
  onDamage?: (reason: string) => void,
): Promise<Tiles | undefined> {
  const path = await tuningFile(folder, adapter);
  const software = adapter.info.isFallbackAdapter;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch {
    return undefined; // A cache: what can't be read is measured again.
  }
  try {
    const record = parseSealedJson(text, path);
    const dense = parseTile(record.dense, software);
    const convolution = parseTile(record.convolution, software);
    const filterGradient = parseTile(record.filterGradient, software);
    if (
      record.for === identify(adapter) && dense && convolution && filterGradient
    ) return { dense, convolution, filterGradient };
    throw new SyntaxError(`Cannot read ${path}: it must be of this adapter`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    onDamage?.(error.message);
    return undefined;
  }
}

/** Keeps the tiles of `adapter` in `folder`, in place of what was there. */
export async function writeTuning(
  folder: string,
  adapter: GPUAdapter,
  tiles: Tiles,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const record = { for: identify(adapter), ...tiles };
  await writeAtomically(await tuningFile(folder, adapter), sealJson(record));
}

/** Where the tiles that suit an adapter are kept, and whether to find them. */
export interface TuningOptions {
  /** Folder of small files, one an adapter; made where there is none. */
  folder: string;
  /** Whether to measure, for up to ten seconds, where nothing is kept yet. */
  measure: boolean;
  /** Told in a sentence why what was kept is not used. */
  onNote?: (note: string) => void;
}

/**
 * Computes products by the tiles kept for `adapter`, on which WebGPU must be
 * the current backend. Where none are kept, or the file is damaged, measures
 * and keeps them if `measure`; else the defaults stay. Which tiles are used
 * decides in what order sums are taken, so results may differ in their last
 * bits.
 *
 * Where measuring fails, or the device has reported an error since it was
 * chosen, nothing is kept and the defaults stay.
 *
 * Returns whether tiles were measured and are in use.
 */
export async function tuneWebGpu(
  adapter: GPUAdapter,
  { folder, measure, onNote }: TuningOptions,
): Promise<boolean> {
  const kept = await readTuning(
    folder,
    adapter,
    (reason) => onNote?.(`what was measured of the GPU is not used: ${reason}`),
  );
  if (kept) {
    useTiles(kept);
    return false;
  }
  if (!measure) return false;
  let tiles;
  try {
    const software = adapter.info.isFallbackAdapter;
    tiles = await measureTiles(software, tileCandidates(software));
    await confirmDeviceHealthy();
  } catch {
    return false; // The run goes on; what ails the device stops it before long.
  }
  useTiles(tiles);
  // Where nothing can be written, the next run measures again.
  await writeTuning(folder, adapter, tiles).catch(() => {});
  return true;
}
