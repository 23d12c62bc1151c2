import type * as tf from "../../tf.ts";
import { readInput } from "../kernel_arguments.ts";
import { asWasmBackend, makeOutput } from "../wasm/heap.ts";

/** Kernel `RetortLevelBits`: see `sumLevelBits` of `op.ts`. */
export const levelBits: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = asWasmBackend(backend);
  const made = makeOutput(wasm, [], "float32");
  const w = wasm.typedArrayFromHeap(readInput(inputs, "weights"));
  const s = wasm.typedArrayFromHeap(readInput(inputs, "steps"));
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    sum += Math.log1p(Math.abs(w[i]) / s[i % s.length]);
  }
  wasm.typedArrayFromHeap(made)[0] = sum;
  return made;
};

/** Kernel `RetortLevelBitsGrad`: see `sumLevelBits` of `op.ts`. */
export const levelBitsGradient: tf.KernelFunc = ({ inputs, backend }) => {
  const wasm = asWasmBackend(backend);
  const [weights, steps] = ["weights", "steps"].map((name) =>
    readInput(inputs, name)
  );
  const made = [weights, steps].map(({ shape }) =>
    makeOutput(wasm, shape, "float32")
  );
  const [w, s, dw, ds] = [weights, steps, ...made].map((tensor) =>
    wasm.typedArrayFromHeap(tensor)
  );
  const [dy] = wasm.typedArrayFromHeap(readInput(inputs, "dy"));
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
};
