import { implementOnWasm, makeOutput } from "../wasm/heap.ts";
import { roundStepsKernel } from "./op.ts";
import { boundOctave, roundStep } from "./round_step.ts";

/** Kernel `RetortRoundSteps`: see `roundSteps` of `op.ts`. */
export const roundSteps = implementOnWasm(
  roundStepsKernel,
  (wasm, { octaves }, { powerOfTwo, slope }) => {
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
  },
);
