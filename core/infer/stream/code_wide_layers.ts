import {
  type Activation,
  LEAK,
  SLOPE_DIGITS,
} from "../../models/layers/activation.ts";
import {
  along,
  type Extent,
  type LayerSpec,
  type WindowFields,
} from "../../models/layers/layer.ts";
import { listLayers } from "../../models/layers/layers.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import { checkSpec } from "../../models/spec.ts";
import type { DramVersion } from "../dram_frame.ts";
import type { BitCoder } from "./bit_coder.ts";
import {
  type Choices,
  codeUsual,
  type Grammar,
  PLAIN_GRAMMARS,
  type WideForms,
  type Windows,
} from "./code_layers.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";

/** What follows sums that something follows. */
type Following = Exclude<Activation, "linear">;

/** Before version 3, each was a relu. */
const ACTIVATIONS: Choices<Following> = [
  ["leakyRelu", 6],
  ["relu", 6],
  ["relu6", 2],
  ["swish", 2],
  ["elu", 1],
  ["sigmoid", 1],
  ["tanh", 1],
];

/** A slope between 0 and 1: its digits behind the point. */
function codeSlope(coder: BitCoder, slope?: number): number | undefined {
  if (!codeFlag(coder, 13, slope !== undefined && slope !== LEAK)) return;
  const digits = slope && Math.round(slope * 10 ** SLOPE_DIGITS);
  return Number(`${codeNumber(coder, 12, digits)}e-${SLOPE_DIGITS}`);
}

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
function arePlain(
  { size, stride = 1, padding = "valid", dilation = 1 }: Windows,
): boolean {
  return typeof size === "number" && typeof stride === "number" &&
    typeof padding === "string" && dilation === 1;
}

/** Whether pools lie side by side, as every version has them. */
function areSideBySide({ size, stride, padding = "valid" }: Windows): boolean {
  return typeof size === "number" && stride === undefined &&
    padding === "valid";
}

const WIDE: WideForms = {
  codeWindows(coder, layer) {
    if (!codeFlag(coder, 14, layer && !arePlain(layer))) return;
    return codeOddWindows(coder, layer);
  },
  codePool(coder, layer) {
    if (!codeFlag(coder, 14, layer && !areSideBySide(layer))) return;
    const given = layer && poolWindows(layer);
    const { dilation = 1, ...windows } = codeOddWindows(coder, given);
    if (dilation !== 1) {
      throw new RangeError(
        `Cannot use a .dram: a pool must have dilation 1: one has ${dilation}`,
      );
    }
    return { ...windows, stride: windows.stride ?? 1 };
  },
  codeActivation(coder, layer) {
    const activation = codeChoice<Following, Activation>(
      coder,
      ACTIVATIONS,
      layer?.activation,
    );
    if (activation !== "leakyRelu") return { activation };
    const slope = codeSlope(coder, layer?.slope);
    return slope === undefined ? { activation } : { activation, slope };
  },
  codeMultiplier: (coder, layer) =>
    codeUsual(coder, [[1, 12], [2, 2]], layer && (layer.multiplier ?? 1)),
  check: checkSpec,
};

/** How each version of the format says layers. */
export const GRAMMARS: Readonly<Record<DramVersion, Grammar>> = {
  ...PLAIN_GRAMMARS,
  3: {
    images: [...PLAIN_GRAMMARS[2].images, ["globalMaxPool2d", 1]],
    rows: PLAIN_GRAMMARS[2].rows,
    wide: WIDE,
  },
};

/** Activations that every version has. */
const FIRST: readonly Activation[] = ["relu", "linear"];

/** Whether only version 3 can say `layer`. */
function isWide(layer: LayerSpec): boolean {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d":
      return !arePlain(layer) || !FIRST.includes(layer.activation) ||
        (layer.kind === "depthwiseConv2d" && (layer.multiplier ?? 1) > 1);
    case "maxPool2d":
    case "averagePool2d":
      return !areSideBySide(layer);
    case "dense":
    case "residual":
      return !FIRST.includes(layer.activation);
    case "globalMaxPool2d":
      return true;
    case "globalAveragePool2d":
    case "dropout":
    case "flatten":
    case "softmax":
      return false;
    default:
      return layer satisfies never;
  }
}

/** The lowest version of the format that can say `layers`: whoever reads that one reads them. */
export function versionFor(layers: readonly LayerSpec[]): DramVersion {
  if (listLayers(layers).some(isWide)) return 3;
  return layers.some(({ kind }) => kind === "residual") ? 2 : 1;
}
