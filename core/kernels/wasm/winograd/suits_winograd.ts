import { TAPS } from "./matrices.ts";
import { PLANES, tileOutputs } from "./tiles.ts";

/** Channels below which the transforms cost more than they spare. */
const FEWEST_CHANNELS = 16;

/** Share of the direct way's products above which the transforms don't pay. */
const LARGEST_SHARE = 0.5;

/** Whether the fast way can compute a convolution, and pays. */
export function suitsWinograd(
  { window, strides, output, channels }: {
    window: readonly number[];
    strides: readonly number[];
    /** `[h′, w′, f]`. */
    output: readonly number[];
    channels: number;
  },
): boolean {
  const [height, width, filters] = output;
  const { down, across } = tileOutputs(0, output);
  return [...window, ...strides].join() === "3,3,1,1" &&
    [channels, filters].every((count) =>
      count % 4 === 0 && count >= FEWEST_CHANNELS
    ) &&
    PLANES * down * across <=
      LARGEST_SHARE * TAPS * TAPS * height * width;
}
