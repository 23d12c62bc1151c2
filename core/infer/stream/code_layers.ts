import type { ImageShape } from "../../data/dataset.ts";
import { type Activation, LEAK } from "../../models/layers/activation.ts";
import {
  type ActivationFields,
  along,
  type ConvolutionFields,
  type Extent,
  type LayerKind,
  type LayerSpec,
  type WindowFields,
} from "../../models/layers/layer.ts";
import { listLayers } from "../../models/layers/layers.ts";
import { poolWindows } from "../../models/layers/pools.ts";
import { DRAM_LIMITS } from "../dram_budget.ts";
import type { DramVersion } from "../dram_frame.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";

type Choices<T> = readonly (readonly [T, number])[];

/** Kinds that a file may hold: dropout is for training. */
type CodedKind = Exclude<LayerKind, "dropout">;

/** What may come next: a layer, or the end of layers that one holds. */
type Next = CodedKind | "end";

/** What may come next while there are images, and once there are rows. */
interface Grammar {
  images: Choices<Next>;
  rows: Choices<Next>;
}

/** Of a model, by version 1 of the format. */
const PLAIN: Grammar = {
  images: [
    ["conv2d", 8],
    ["depthwiseConv2d", 4],
    ["maxPool2d", 3],
    ["flatten", 3],
    ["globalAveragePool2d", 2],
    ["averagePool2d", 2],
  ],
  rows: [
    ["softmax", 8],
    ["dense", 8],
    ["flatten", 1],
  ],
};

/** Of a model, by later versions. */
const NESTED: Grammar = {
  images: [...PLAIN.images, ["residual", 6]],
  rows: [...PLAIN.rows, ["residual", 3]],
};

/** Of a residual layer: what gives the shape that it reads. */
const HELD: Grammar = {
  images: [
    ["conv2d", 8],
    ["end", 6],
    ["depthwiseConv2d", 4],
    ["residual", 1],
  ],
  rows: [
    ["dense", 8],
    ["end", 8],
    ["residual", 1],
  ],
};

/** Of a model, by version 3. */
const WIDE: Grammar = {
  images: [...NESTED.images, ["globalMaxPool2d", 1]],
  rows: NESTED.rows,
};

/** What each version of the format has. */
const GRAMMARS: Readonly<Record<DramVersion, Grammar>> = {
  1: PLAIN,
  2: NESTED,
  3: WIDE,
};

/** Of activations but linear ones, by version 3; before, each was a relu. */
const ACTIVATIONS: Choices<Exclude<Activation, "linear">> = [
  ["leakyRelu", 6],
  ["relu", 6],
  ["relu6", 2],
  ["swish", 2],
  ["elu", 1],
  ["sigmoid", 1],
  ["tanh", 1],
];

/** A number above 0: one of some `usual` ones, or (as 0) any other. */
function codeUsual(
  coder: BitCoder,
  usual: Choices<number>,
  value?: number,
): number {
  const choice = usual.some(([each]) => each === value) ? value : 0;
  const coded = codeChoice(coder, [...usual, [0, 1]], choice);
  return coded || codeNumber(coder, 2, value && value - 1) + 1;
}

/** Decimal places and digits that a slope has in a file. */
const SLOPE_DIGITS = 6;

/** A slope between 0 and 1: its digits behind the point. */
function codeSlope(coder: BitCoder, slope?: number): number | undefined {
  if (!codeFlag(coder, 13, slope !== undefined && slope !== LEAK)) return;
  const digits = slope && Math.round(slope * 10 ** SLOPE_DIGITS);
  return Number(`${codeNumber(coder, 12, digits)}e-${SLOPE_DIGITS}`);
}

/** Which activation follows sums that isn't linear. */
function codeActivation(
  coder: BitCoder,
  wide: boolean,
  layer?: ActivationFields,
): ActivationFields {
  if (!wide) return { activation: "relu" };
  const { activation: given } = layer ?? {};
  const activation = codeChoice(
    coder,
    ACTIVATIONS,
    given === "linear" ? undefined : given,
  );
  if (activation !== "leakyRelu") return { activation };
  const slope = codeSlope(coder, layer?.slope);
  return slope === undefined ? { activation } : { activation, slope };
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

type Windows = Omit<ConvolutionFields, keyof ActivationFields>;

/** Windows that only version 3 has: of which each axis says its own. */
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

/** What a convolution has beside its number of filters; what is usual isn't said in the spec. */
function codeWindow(
  coder: BitCoder,
  { held, wide }: Passing,
  layer?: ConvolutionFields,
): ConvolutionFields {
  const odd = wide && codeFlag(coder, 14, layer && !arePlain(layer));
  const windows = odd
    ? codeOddWindows(coder, layer)
    : codePlainWindows(coder, held, layer);
  const linear = codeFlag(coder, 2, layer?.activation === "linear");
  const { size, ...others } = windows;
  return {
    size,
    ...linear
      ? { activation: "linear" as const }
      : codeActivation(coder, wide, layer),
    ...others,
  };
}

/** Windows as every version has them. */
function codePlainWindows(
  coder: BitCoder,
  held: boolean,
  layer?: WindowFields,
): Windows {
  const plain = (extent?: Extent) =>
    typeof extent === "number" ? extent : undefined;
  const size = codeUsual(coder, [[3, 8], [5, 3], [1, 3]], plain(layer?.size));
  const stride = codeUsual(
    coder,
    [[1, 9], [2, 6]],
    layer && plain(layer.stride ?? 1),
  );
  // What a residual layer holds mostly keeps the image's extent.
  const same = codeFlag(coder, held ? 12 : 4, layer?.padding === "same");
  return {
    size,
    ...(stride > 1 && { stride }),
    ...(same && { padding: "same" as const }),
  };
}

/** The windows of a pool. */
function codePool(
  coder: BitCoder,
  wide: boolean,
  layer?: WindowFields,
): WindowFields {
  if (wide && codeFlag(coder, 14, layer && !areSideBySide(layer))) {
    const given = layer && poolWindows(layer);
    const { dilation: _, ...windows } = codeOddWindows(coder, given);
    return { ...windows, stride: windows.stride ?? 1 };
  }
  const size = typeof layer?.size === "number" ? layer.size : undefined;
  return { size: codeUsual(coder, [[2, 12], [3, 2]], size) };
}

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

/** Activations that every version has. */
const FIRST: readonly Activation[] = ["relu", "linear"];

/** The lowest version of the format that can say `layers`: whoever reads that one reads them. */
export function versionFor(layers: readonly LayerSpec[]): DramVersion {
  if (listLayers(layers).some(isWide)) return 3;
  return layers.some(({ kind }) => kind === "residual") ? 2 : 1;
}

/** What passing layers needs besides the coder. */
interface Passing {
  /** What may come next. */
  grammar: Grammar;
  /** Whether layers may say what only version 3 has. */
  wide: boolean;
  /** Whether a residual layer holds them. */
  held: boolean;
  /** Layers so far, in the whole model. */
  count: number;
}

/** One layer of `kind`, called by that and its place. */
function codeLayer(
  coder: BitCoder,
  kind: CodedKind,
  { passing, isImage, layer }: {
    passing: Passing;
    isImage: boolean;
    layer?: LayerSpec;
  },
): LayerSpec {
  const { wide } = passing;
  const name = `${kind}-${passing.count}`;
  switch (kind) {
    case "conv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const filters = codeNumber(coder, 3, given && given.filters - 1) + 1;
      return { kind, name, filters, ...codeWindow(coder, passing, given) };
    }
    case "depthwiseConv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const windows = codeWindow(coder, passing, given);
      const multiplier = wide
        ? codeUsual(coder, [[1, 12], [2, 2]], given && (given.multiplier ?? 1))
        : 1;
      return {
        kind,
        name,
        ...windows,
        ...multiplier > 1 && { multiplier },
      };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const given = layer?.kind === kind ? layer : undefined;
      return { kind, name, ...codePool(coder, wide, given) };
    }
    case "dense": {
      const given = layer?.kind === kind ? layer : undefined;
      const units = codeUsual(coder, [[10, 12]], given?.units);
      const relu = codeFlag(coder, 5, given && given.activation !== "linear");
      return {
        kind,
        name,
        units,
        ...relu
          ? codeActivation(coder, wide, given)
          : { activation: "linear" as const },
      };
    }
    case "residual": {
      const given = layer?.kind === kind ? layer : undefined;
      const linear = codeFlag(coder, 4, given?.activation === "linear");
      const activation: ActivationFields = linear
        ? { activation: "linear" }
        : codeActivation(coder, wide, given);
      const inner = { ...passing, grammar: HELD, held: true };
      const layers = codeRow(coder, inner, isImage, given?.layers);
      passing.count = inner.count;
      return { kind, name, layers, ...activation };
    }
    case "globalAveragePool2d":
    case "globalMaxPool2d":
    case "flatten":
    case "softmax":
      return { kind, name };
    default:
      return kind satisfies never;
  }
}

/** Layers in a row, up to a softmax or an end. */
function codeRow(
  coder: BitCoder,
  passing: Passing,
  isImage: boolean,
  layers?: readonly LayerSpec[],
): LayerSpec[] {
  const { images, rows } = passing.grammar;
  const coded: LayerSpec[] = [];
  while (coded.at(-1)?.kind !== "softmax") {
    if (passing.count === DRAM_LIMITS.layers) {
      throw new RangeError(
        `Cannot use a .dram: a model must have at most ${DRAM_LIMITS.layers} layers, a softmax last: it has more`,
      );
    }
    const layer = layers?.[coded.length];
    const next = layer?.kind ?? (layers && "end");
    const kind = codeChoice(coder, isImage ? images : rows, next);
    if (kind === "end") break;
    passing.count++;
    coded.push(codeLayer(coder, kind, { passing, isImage, layer }));
    if (
      kind === "flatten" || kind === "globalAveragePool2d" ||
      kind === "globalMaxPool2d"
    ) isImage = false;
  }
  return coded;
}

/**
 * Passes a model's layers, each by its kind and what that leaves open, up to the
 * softmax. Names are made: `conv2d-1` is the first layer. Throws a `RangeError`
 * where there are more than the format allows, or a layer can't follow.
 */
export function codeLayers(
  coder: BitCoder,
  version: DramVersion,
  layers?: readonly LayerSpec[],
): LayerSpec[] {
  const grammar = GRAMMARS[version];
  const passing = { grammar, wide: version > 2, held: false, count: 0 };
  return codeRow(coder, passing, true, layers);
}

/** Passes the extent of one input image: 28×28×1, or any other. */
export function codeInput(coder: BitCoder, input?: ImageShape): ImageShape {
  const isOther = input && input.join() !== "28,28,1";
  if (!codeFlag(coder, 1, isOther)) return [28, 28, 1];
  const pass = (extent?: number) =>
    codeNumber(coder, 4, extent && extent - 1) + 1;
  return [pass(input?.[0]), pass(input?.[1]), pass(input?.[2])];
}
