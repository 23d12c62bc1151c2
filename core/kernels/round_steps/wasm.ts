import type * as tf from "../../tf.ts";
import { readBoolean, readInput, readNumber } from "../kernel_arguments.ts";
import { boundOctave, roundStep } from "./round_step.ts";
import { asWasmBackend, makeOutput } from "../wasm/heap.ts";

/** Kernel `RetortRoundSteps`: see `roundSteps` of `op.ts`. */
export const roundSteps: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const wasm = asWasmBackend(backend);
  const powerOfTwo = readBoolean(attrs, "powerOfTwo");
  const slope = readNumber(attrs, "slope");
  const octaves = readInput(inputs, "octaves");
  const made = [octaves, octaves].map(({ shape }) =>
    makeOutput(wasm, shape, "float32")
  );
  const [v, s, rises] = [octaves, ...made].map((tensor) =>
    wasm.typedArrayFromHeap(tensor)
  );
  for (let i = 0; i < v.length; i++) {
    s[i] = roundStep(v[i], powerOfTwo);
    rises[i] = slope *
      (powerOfTwo
        ? s[i] * Math.LN2
        : 2 ** Math.floor(boundOctave(v[i], powerOfTwo)));
  }
  return made;
};
