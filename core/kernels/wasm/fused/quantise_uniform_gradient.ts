import type * as tf from "../../../tf.ts";
import {
  checkInputShape,
  readInput,
  readNumber,
} from "../../kernel_arguments.ts";
import { levelRange } from "../../level_range.ts";
import { roundLevel } from "../../round_level.ts";
import { asWasmBackend, makeOutput } from "../heap.ts";

/** Kernel `RetortQuantiseGrad`: see `quantiseUniform` of core/kernels/ops. */
export const quantiseUniformGradient: tf.KernelFunc = (
  { inputs, attrs, backend },
) => {
  const wasm = asWasmBackend(backend);
  const [weights, steps, slopes] = ["weights", "steps", "dy"].map((name) =>
    readInput(inputs, name)
  );
  checkInputShape("dy", slopes, weights.shape);
  const bits = readNumber(attrs, "bits");
  const pull = readNumber(attrs, "pull");
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
};
