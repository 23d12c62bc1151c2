import type { AxisWindows } from "../../models/layers/window_span.ts";
import type { Step } from "./step.ts";

/** Filters at once: their sums stay in registers. */
const BLOCK = 4;

/** A convolution, or a dense layer as one of a single window. */
export interface WeightedSums {
  /** `[h, w, c]`. */
  input: readonly number[];
  /** Where windows lie, down and across; their places are next to each other. */
  windows: readonly [AxisWindows, AxisWindows];
  /** Row-major `[rows, columns, c, f]`. */
  kernel: Float32Array;
  /** `[f]`. */
  bias: Float32Array;
  relu: boolean;
  /** Shared with other steps. */
  scratch: Scratch;
}

/**
 * Room for what a step looks at of one image. Steps run in turn, so one is enough for
 * all of a model's: a file of some hundred bytes may have 64 layers of millions of numbers.
 */
export interface Scratch {
  /** What isn't 0, its place in its row times BLOCK, and where each pixel's begin. */
  values: Float64Array;
  places: Int32Array;
  starts: Int32Array;
  /** The same of one window, with the places of their weights. */
  inputs: Float64Array;
  rows: Int32Array;
}

/** Room for steps that read at most `numbers` numbers. */
export function makeScratch(numbers: number): Scratch {
  return {
    values: new Float64Array(numbers),
    places: new Int32Array(numbers),
    starts: new Int32Array(numbers + 1),
    inputs: new Float64Array(numbers),
    rows: new Int32Array(numbers),
  };
}

/** `[k, f]` as `[f / BLOCK, k, BLOCK]`, zeros behind the last filter. */
function packFilters(kernel: Float32Array, filters: number): Float64Array {
  const depth = kernel.length / filters;
  const blocks = Math.ceil(filters / BLOCK);
  const packed = new Float64Array(blocks * depth * BLOCK);
  for (let i = 0; i < kernel.length; i++) {
    const filter = i % filters;
    const block = Math.floor(filter / BLOCK);
    const row = block * depth + Math.floor(i / filters);
    packed[row * BLOCK + filter % BLOCK] = kernel[i];
  }
  return packed;
}

/**
 * y_{p,f} = Σ_k x_{p,k} · w_{k,f} + b_f over the numbers k of the window at each
 * place p, relu of it if asked for. Summed in float64.
 *
 * Inputs that are 0 cost nothing: four fifths of an MNIST image, and about half
 * of what a relu leaves, are. The others are listed once, so that a window is a
 * run of each of the rows that it covers; those are copied side by side.
 */
export function weightedSums(
  { input, windows, kernel, bias, relu, scratch }: WeightedSums,
): Step {
  const [height, width, channels] = input;
  const [down, across] = windows;
  const filters = bias.length;
  const weights = packFilters(kernel, filters);
  const depth = down.size * across.size * channels;
  const offsets = new Float64Array(Math.ceil(filters / BLOCK) * BLOCK);
  offsets.set(bias);
  const least = relu ? 0 : -Infinity;
  const { values, places, starts, inputs, rows } = scratch;

  return (x, y) => {
    let count = 0;
    for (let pixel = 0, i = 0; pixel < height * width; pixel++) {
      starts[pixel] = count;
      const row = (pixel % width) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const value = x[i++];
        // Written in any case, kept if it counts: no branch to mispredict.
        values[count] = value;
        places[count] = (row + channel) * BLOCK;
        count += value === 0 ? 0 : 1;
      }
    }
    starts[height * width] = count;
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      const top = i * down.stride - down.before;
      const firstRow = Math.max(0, top);
      const lastRow = Math.min(height, top + down.size);
      for (let j = 0; j < across.count; j++) {
        const left = j * across.stride - across.before;
        // A window may lie beyond the image, where no place of its rows begins.
        const first = Math.min(width, Math.max(0, left));
        const last = Math.min(width, left + across.size);
        let terms = 0;
        for (let row = firstRow; row < lastRow; row++) {
          const skip = ((row - top) * across.size - left) * channels * BLOCK;
          const end = starts[row * width + last];
          for (let k = starts[row * width + first]; k < end; k++) {
            inputs[terms] = values[k];
            rows[terms++] = skip + places[k];
          }
        }
        for (let filter = 0; filter < filters; filter += BLOCK) {
          let a = offsets[filter];
          let b = offsets[filter + 1];
          let c = offsets[filter + 2];
          let d = offsets[filter + 3];
          const block = filter * depth;
          for (let k = 0; k < terms; k++) {
            const value = inputs[k];
            const at = block + rows[k];
            a += value * weights[at];
            b += value * weights[at + 1];
            c += value * weights[at + 2];
            d += value * weights[at + 3];
          }
          const behind = filters - filter;
          y[to++] = Math.max(least, a);
          if (behind > 1) y[to++] = Math.max(least, b);
          if (behind > 2) y[to++] = Math.max(least, c);
          if (behind > 3) y[to++] = Math.max(least, d);
        }
      }
    }
  };
}
