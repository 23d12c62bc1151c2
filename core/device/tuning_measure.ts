import {
  type ProductKind,
  type Tile,
  type Tiles,
  tilesInUse,
  useTiles,
} from "../kernels/webgpu/tile.ts";
import * as tf from "../tf.ts";

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
