import { implementOnWasm, makeOutput } from "../wasm/heap.ts";
import { sumLevelBitsGradientKernel, sumLevelBitsKernel } from "./op.ts";

/** Kernel `RetortSumLevelBits`: see `sumLevelBits` of `op.ts`. */
export const sumLevelBits = implementOnWasm(
  sumLevelBitsKernel,
  (wasm, { weights, steps }) => {
    const made = makeOutput(wasm, [], "float32");
    const w = wasm.typedArrayFromHeap(weights);
    const s = wasm.typedArrayFromHeap(steps);
    let sum = 0;
    for (let i = 0; i < w.length; i++) {
      sum += Math.log1p(Math.abs(w[i]) / s[i % s.length]);
    }
    wasm.typedArrayFromHeap(made)[0] = sum;
    return [made];
  },
);

/** Kernel `RetortSumLevelBitsGradient`: see `sumLevelBits` of `op.ts`. */
export const sumLevelBitsGradient = implementOnWasm(
  sumLevelBitsGradientKernel,
  (wasm, { weights, steps, dy: slope }) => {
    const made = [weights, steps].map(({ shape }) =>
      makeOutput(wasm, shape, "float32")
    );
    const [w, s, dw, ds] = [weights, steps, ...made].map((tensor) =>
      wasm.typedArrayFromHeap(tensor)
    );
    const [dy] = wasm.typedArrayFromHeap(slope);
    const sums = new Float64Array(s.length);
    for (let i = 0; i < w.length; i++) {
      const channel = i % s.length;
      const [size, step] = [Math.abs(w[i]), s[channel]];
      const slope = dy / (size + step);
      dw[i] = Math.sign(w[i]) * slope;
      sums[channel] -= size * slope / step;
    }
    ds.set(sums);
    return made;
  },
);
