import {
  type Activation,
  LEAK,
  type RealActivation,
  SLOPE_DIGITS,
} from "../../models/layers/activation.ts";
import type { LayerSpec } from "../../models/layers/layer.ts";
import { isInteger } from "../../models/integer.ts";
import { listLayers } from "../../models/layers/layers.ts";
import { checkSpec } from "../../models/spec.ts";
import type { DramVersion } from "../dram_frame.ts";
import type { BitCoder } from "./bit_coder.ts";
import { INTEGER_GRAMMARS } from "./code_integer_layers.ts";
import {
  type Choices,
  type Grammar,
  PLAIN_GRAMMARS,
  type WideForms,
} from "./code_layers.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";
import {
  arePlain,
  areSideBySide,
  codeMultiplier,
  codePool,
  codeWindows,
} from "./code_windows.ts";

/** What follows sums that something follows. */
type Following = Exclude<RealActivation, "linear">;

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

/** In how many of 16 layers of a file of version 3 windows are other than plain ones. */
const ODD = 14;

const WIDE: WideForms = {
  codeWindows: (coder, layer) => codeWindows(coder, ODD, layer),
  codePool: (coder, layer) => codePool(coder, ODD, layer),
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
  codeMultiplier,
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
  ...INTEGER_GRAMMARS,
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
  if (isInteger(layers)) return 4;
  if (listLayers(layers).some(isWide)) return 3;
  return layers.some(({ kind }) => kind === "residual") ? 2 : 1;
}
