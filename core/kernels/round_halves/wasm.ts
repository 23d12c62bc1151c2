import { implementOnWasm, makeOutput } from "../wasm/heap.ts";
import { roundHalvesKernel } from "./op.ts";

/** Largest float16. */
const LARGEST = 65504;

/** Kernel `RetortRoundHalves`: see `roundHalves` of `op.ts`. */
export const roundHalves = implementOnWasm(roundHalvesKernel, (wasm, { x }) => {
  const made = makeOutput(wasm, x.shape, "float32");
  const values = wasm.typedArrayFromHeap(x);
  const rounded = wasm.typedArrayFromHeap(made);
  const halves = Float16Array.from(values);
  for (let i = 0; i < halves.length; i++) {
    // A number that is too large has become ±∞; −0 + 0 = 0.
    rounded[i] = Math.min(LARGEST, Math.max(-LARGEST, halves[i])) + 0;
  }
  return [made];
});
