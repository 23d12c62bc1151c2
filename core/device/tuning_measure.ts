import {
  type ProductKind,
  type Tile,
  tileCandidates,
  type Tiles,
  tilesInUse,
  useTiles,
} from "../kernels/webgpu/tile.ts";
import * as tf from "../tf.ts";

/** No candidate is begun after this long: the first ones, the defaults, go first. */
const BUDGET_MS = 7000;
/** Runs of a candidate, after the one that compiles its shaders; the fastest counts. */
const RUNS = 3;
/** Images of a measured convolution: a GPU needs more to be busy. */
const IMAGES = { software: 16, hardware: 128 };

/** A product to measure by, as large as those that training spends its time on. */
interface Work {
  kind: ProductKind;
  run: () => tf.Tensor;
}

/** The works, over tensors that the caller disposes of with `tf.tidy`'s scope. */
function makeWorks(images: number): Work[] {
  const x = tf.fill([images, 26, 26, 32], 0.5);
  const filter = tf.fill([3, 3, 32, 64], 0.5);
  const dy = tf.fill([images, 24, 24, 64], 0.5);
  const a = tf.fill([128, 2304], 0.5);
  const b = tf.fill([2304, 128], 0.5);
  const window = {
    strides: 1,
    pad: "valid",
    dataFormat: "NHWC",
    dilations: 1,
  };
  return [
    {
      kind: "convolution",
      run: () => tf.engine().runKernel(tf.Conv2D, { x, filter }, window),
    },
    {
      kind: "filterGradient",
      run: () =>
        tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, {
          ...window,
          filterShape: filter.shape,
        }),
    },
    { kind: "dense", run: () => tf.matMul(a, b) },
  ];
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

/**
 * Measures the tiles that suit a software adapter, or a GPU, on the current WebGPU
 * backend, for the three kinds of products that training is made of: the fastest of
 * each. The tiles in use are as before afterwards, and no tensor is left. Takes at
 * most about ten seconds on a software adapter, of which most compile shaders.
 */
export async function measureTiles(software: boolean): Promise<Tiles> {
  const before = tilesInUse();
  const best = { ...before };
  const deadline = performance.now() + BUDGET_MS;
  tf.engine().startScope();
  try {
    const works = makeWorks(software ? IMAGES.software : IMAGES.hardware);
    for (const { kind, run } of works) {
      const times: { tile: Tile; ms: number }[] = [];
      for (const tile of tileCandidates(software)) {
        if (performance.now() > deadline) break;
        useTiles({ ...before, [kind]: tile });
        await time(run); // compiles shaders
        const runs = [];
        for (let i = 0; i < RUNS; i++) runs.push(await time(run));
        times.push({ tile, ms: Math.min(...runs) });
      }
      times.sort((one, other) => one.ms - other.ms);
      if (times.length > 0) best[kind] = times[0].tile;
    }
  } finally {
    tf.engine().endScope();
    useTiles(before);
  }
  return best;
}
