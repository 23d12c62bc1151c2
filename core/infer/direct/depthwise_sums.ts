import type { Step } from "./step.ts";
import type { WeightedSums } from "./weighted_sums.ts";

/**
 * y_{p,c} = Σ_k x_{p,k,c} · w_{k,c} + b_c over the places k of the window at each
 * place p, every channel by itself, relu of it if asked for. Kernel
 * `[size, size, channels, 1]`. Summed in float64.
 */
export function depthwiseSums(
  { input, size, stride, spans, kernel, bias, relu }: Omit<
    WeightedSums,
    "scratch"
  >,
): Step {
  const [height, width, channels] = input;
  const [down, across] = spans;
  const weights = Float64Array.from(kernel);
  const offsets = Float64Array.from(bias);
  const least = relu ? 0 : -Infinity;
  return (x, y) => {
    let to = 0;
    for (let i = 0; i < down.count; i++) {
      const top = i * stride - down.before;
      const lastRow = Math.min(height, top + size);
      for (let j = 0; j < across.count; j++) {
        const left = j * stride - across.before;
        const last = Math.min(width, left + size);
        for (let channel = 0; channel < channels; channel++) {
          let sum = offsets[channel];
          for (let row = Math.max(0, top); row < lastRow; row++) {
            for (let column = Math.max(0, left); column < last; column++) {
              const tap = (row - top) * size + column - left;
              sum += x[(row * width + column) * channels + channel] *
                weights[tap * channels + channel];
            }
          }
          y[to++] = Math.max(least, sum);
        }
      }
    }
  };
}
