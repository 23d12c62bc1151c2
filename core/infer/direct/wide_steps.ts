import { LEAK } from "../../models/layers/activation.ts";
import type { ActivationFields } from "../../models/layers/layer.ts";
import {
  relu,
  type SumFunction,
  type WideSteps,
  type WindowsAndKernel,
} from "./direct_steps.ts";

/**
 * The windows whose places are next to each other, and their kernel, of windows that leave
 * numbers out between: those get weights of 0.
 */
function closeWindows(
  { windows, kernel }: WindowsAndKernel,
): WindowsAndKernel {
  const [down, across] = windows.map((each) => ({
    ...each,
    size: (each.size - 1) * each.dilation + 1,
    dilation: 1,
  }));
  const [rows, columns] = windows;
  if (rows.dilation === 1 && columns.dilation === 1) return { windows, kernel };
  const depth = kernel.length / (rows.size * columns.size);
  const wide = new Float32Array(down.size * across.size * depth);
  for (let tap = 0; tap < rows.size * columns.size; tap++) {
    const row = Math.floor(tap / columns.size) * rows.dilation;
    const column = tap % columns.size * columns.dilation;
    wide.set(
      kernel.subarray(tap * depth, (tap + 1) * depth),
      (row * across.size + column) * depth,
    );
  }
  return { windows: [down, across], kernel: wide };
}

/** What an activation makes of a number; nothing of a linear one. */
function functionOf(
  { activation, slope = LEAK }: ActivationFields,
): SumFunction | undefined {
  switch (activation) {
    case "linear":
      return undefined;
    case "relu":
      return relu;
    case "leakyRelu":
      return (sum) => sum < 0 ? slope * sum : sum;
    case "relu6":
      return (sum) => Math.min(Math.max(0, sum), 6);
    case "elu":
      return (sum) => sum < 0 ? Math.expm1(sum) : sum;
    case "sigmoid":
      return (sum) => 1 / (1 + Math.exp(-sum));
    case "tanh":
      return Math.tanh;
    case "swish":
      return (sum) => sum / (1 + Math.exp(-sum));
    case "round":
      throw new TypeError("a rounding is a step of integers");
    default:
      return activation satisfies never;
  }
}

/** What every layer needs that any file may hold. */
export const WIDE_STEPS: WideSteps = { closeWindows, functionOf };
