import { implementOnWasm, makeOutput } from "../wasm/heap.ts";
import { quantiseUniformGradientKernel, quantiseUniformKernel } from "./op.ts";
import { levelRange, roundLevel } from "./round_level.ts";

/**
 * Kernel `RetortQuantiseUniform`: see `quantiseUniform` of `op.ts`. In plain
 * TypeScript over the heap: weights are few beside the examples of a batch.
 */
export const quantiseUniform = implementOnWasm(
  quantiseUniformKernel,
  (wasm, { weights, steps }, { bits }) => {
    const range = levelRange(bits);
    const made = makeOutput(wasm, weights.shape, "float32");
    const w = wasm.typedArrayFromHeap(weights);
    const s = wasm.typedArrayFromHeap(steps);
    const y = wasm.typedArrayFromHeap(made);
    for (let i = 0; i < y.length; i++) {
      const step = s[i % s.length];
      y[i] = step * roundLevel(w[i], step, range);
    }
    return [made];
  },
);

/** Kernel `RetortQuantiseUniformGradient`: see `quantiseUniform` of `op.ts`. */
export const quantiseUniformGradient = implementOnWasm(
  quantiseUniformGradientKernel,
  (wasm, { weights, steps, dy: slopes }, { bits, pull }) => {
    const range = levelRange(bits);
    const made = [weights, steps].map(({ shape }) =>
      makeOutput(wasm, shape, "float32")
    );
    const [w, s, dy, dw, ds] = [weights, steps, slopes, ...made].map((tensor) =>
      wasm.typedArrayFromHeap(tensor)
    );
    const sums = new Float64Array(s.length);
    for (let i = 0; i < w.length; i++) {
      const channel = i % s.length;
      const step = s[channel];
      const level = roundLevel(w[i], step, range);
      const inside = bits > 1 && w[i] >= range.lowest * step &&
        w[i] <= range.highest * step;
      if (inside) dw[i] = dy[i] + pull * (w[i] - step * level);
      else if (bits === 1) dw[i] = dy[i];
      else dw[i] = Number.isNaN(level) ? NaN : 0;
      sums[channel] += dy[i] * (inside ? level - w[i] / step : level);
    }
    ds.set(sums);
    return made;
  },
);
