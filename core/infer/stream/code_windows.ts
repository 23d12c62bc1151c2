import {
  along,
  type ConvolutionFields,
  type Extent,
  type WindowFields,
} from "../../models/layers/layer.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import type { BitCoder } from "./bit_coder.ts";
import { type Choices, codeUsual, type Windows } from "./code_layers.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";

/** Rows and columns, each one of some `usual` numbers or any other. */
function codeExtent(
  coder: BitCoder,
  usual: Choices<number>,
  extent?: Extent,
): Extent {
  const one = (axis: 0 | 1) =>
    codeUsual(
      coder,
      usual,
      extent === undefined ? undefined : along(extent, axis),
    );
  const [rows, columns] = [one(0), one(1)];
  return rows === columns ? rows : [rows, columns];
}

/** Windows of which each axis says its own. */
function codeOddWindows(
  coder: BitCoder,
  layer?: WindowFields & { dilation?: Extent },
): Windows {
  const { size, stride = size && 1, dilation = size && 1 } = layer ?? {};
  const padding = layer && (layer.padding ?? "valid");
  const coded = {
    size: codeExtent(coder, [[3, 8], [5, 3], [1, 3], [2, 3]], size),
    stride: codeExtent(coder, [[1, 9], [2, 6]], stride),
    dilation: codeExtent(coder, [[1, 9], [2, 2]], dilation),
  };
  const rule = codeChoice<"valid" | "same" | "frame">(
    coder,
    [["valid", 4], ["same", 4], ["frame", 8]],
    typeof padding === "object" ? "frame" : padding,
  );
  const zeros = (side: number) =>
    codeNumber(
      coder,
      2,
      typeof padding === "object" ? padding[side] : undefined,
    );
  return {
    size: coded.size,
    ...coded.stride !== 1 && { stride: coded.stride },
    ...rule === "same" && { padding: rule },
    ...rule === "frame" && {
      padding: [zeros(0), zeros(1), zeros(2), zeros(3)] as const,
    },
    ...coded.dilation !== 1 && { dilation: coded.dilation },
  };
}

/** Whether windows are as every version has them. */
export function arePlain(
  { size, stride = 1, padding = "valid", dilation = 1 }: Windows,
): boolean {
  return typeof size === "number" && typeof stride === "number" &&
    typeof padding === "string" && dilation === 1;
}

/** Whether pools lie side by side, as every version has them. */
export function areSideBySide(
  { size, stride, padding = "valid" }: Windows,
): boolean {
  return typeof size === "number" && stride === undefined &&
    padding === "valid";
}

/** Windows that no version before 3 has, `odd` of 16 being such; nothing of others. */
export function codeWindows(
  coder: BitCoder,
  odd: number,
  layer?: ConvolutionFields,
): Windows | undefined {
  if (!codeFlag(coder, odd, layer && !arePlain(layer))) return;
  return codeOddWindows(coder, layer);
}

/** Pools that no version before 3 has, `odd` of 16 being such; nothing of others. */
export function codePool(
  coder: BitCoder,
  odd: number,
  layer?: WindowFields,
): WindowFields | undefined {
  if (!codeFlag(coder, odd, layer && !areSideBySide(layer))) return;
  const given = layer && poolWindows(layer);
  const { dilation = 1, ...windows } = codeOddWindows(coder, given);
  if (dilation !== 1) {
    throw new RangeError(
      `Cannot use a .dram: a pool must have dilation 1: one has ${dilation}`,
    );
  }
  return { ...windows, stride: windows.stride ?? 1 };
}

/** Kernels to each channel of a depthwise convolution. */
export function codeMultiplier(
  coder: BitCoder,
  layer?: { multiplier?: number },
): number {
  return codeUsual(coder, [[1, 12], [2, 2]], layer && (layer.multiplier ?? 1));
}
