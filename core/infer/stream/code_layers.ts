import type { ImageShape } from "../../data/dataset.ts";
import {
  type ActivationFields,
  type ConvolutionFields,
  type Extent,
  type LayerKind,
  type LayerSpec,
  MAX_UNITS,
  type WindowFields,
} from "../../models/layers/layer.ts";
import type { ModelSpec } from "../../models/spec.ts";
import { DRAM_LIMITS } from "../dram_budget.ts";
import type { DramVersion } from "../dram_frame.ts";
import type { BitCoder } from "./bit_coder.ts";
import type { EncodedTensor } from "../encoded_tensor.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";
import type { IntegerTensors } from "./code_tensor.ts";

/** Values, and how likely each is beside the others. */
export type Choices<T> = readonly (readonly [T, number])[];

/** Kinds that a file may hold: dropout is for training. */
type CodedKind = Exclude<LayerKind, "dropout">;

/** What may come next: a layer, or the end of layers that one holds. */
type Next = CodedKind | "end";

/** What may come next while there are images, and once there are rows. */
interface NextLayers {
  images: Choices<Next>;
  rows: Choices<Next>;
}

/** How a version of the format says layers. */
export interface Grammar extends NextLayers {
  /** What it says that earlier versions can't. */
  wide?: WideForms;
}

/** Windows of a convolution, or of a pool. */
export type Windows = Omit<ConvolutionFields, keyof ActivationFields>;

/** How version 3 says what is the same in each layer of the versions before. */
export interface WideForms {
  /** Windows that no other version has; nothing of others. */
  codeWindows(coder: BitCoder, layer?: ConvolutionFields): Windows | undefined;
  /** Pools that don't lie side by side; nothing of others. */
  codePool(coder: BitCoder, layer?: WindowFields): WindowFields | undefined;
  /** Which activation follows sums that isn't linear. */
  codeActivation(coder: BitCoder, layer?: ActivationFields): ActivationFields;
  /** What follows sums of places; left out where those are means. */
  codeSum?(
    coder: BitCoder,
    layer?: Partial<ActivationFields>,
  ): ActivationFields;
  /** What a residual layer multiplies what it reads by, if it does. */
  codeLift?(coder: BitCoder, layer?: { lift?: number }): { lift?: number };
  /** What is said of all layers, behind them. */
  codeEnd?(
    coder: BitCoder,
    layers: LayerSpec[],
    given?: readonly LayerSpec[],
  ): LayerSpec[];
  /** How tensors of integers are passed. */
  tensors?: IntegerTensors;
  /** Throws a `RangeError` unless `spec` may have the weights `tensors`. */
  checkTensors?(spec: ModelSpec, tensors: EncodedTensor[]): void;
  /** Kernels to each channel. */
  codeMultiplier(coder: BitCoder, layer?: { multiplier?: number }): number;
  /** Throws a `RangeError` unless `spec`, as it was read, is usable. */
  check(spec: ModelSpec): void;
}

/** Of a model, by version 1 of the format. */
const PLAIN: NextLayers = {
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
const NESTED: NextLayers = {
  images: [...PLAIN.images, ["residual", 6]],
  rows: [...PLAIN.rows, ["residual", 3]],
};

/** Of a residual layer: what gives the shape that it reads. */
const HELD: NextLayers = {
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

/** What each version of the format has. */
export type Grammars = Readonly<Partial<Record<DramVersion, Grammar>>>;

/** Of the versions that pages read by themselves. */
export const PLAIN_GRAMMARS = { 1: PLAIN, 2: NESTED } satisfies Grammars;

/** A number above 0: one of some `usual` ones, or (as 0) any other. */
export function codeUsual(
  coder: BitCoder,
  usual: Choices<number>,
  value?: number,
): number {
  const choice = usual.some(([each]) => each === value) ? value : 0;
  const coded = codeChoice(coder, [...usual, [0, 1]], choice);
  return coded || codeCount(coder, 2, value);
}

/** A number above 0, and no larger than any count may be. */
function codeCount(coder: BitCoder, order: number, value?: number): number {
  const count = codeNumber(coder, order, value && value - 1) + 1;
  if (count <= MAX_UNITS) return count;
  throw new RangeError(
    `Cannot use a .dram: a count must be at most ${MAX_UNITS}: one is ${count}`,
  );
}

/** The activation that follows sums. */
function codeActivation(
  coder: BitCoder,
  linear: boolean,
  { wide, layer }: { wide?: WideForms; layer?: ActivationFields },
): ActivationFields {
  if (linear) return { activation: "linear" };
  return wide?.codeActivation(coder, layer) ?? { activation: "relu" };
}

/** What a convolution has beside its number of filters; what is usual isn't said in the spec. */
function codeWindow(
  coder: BitCoder,
  { held, wide }: Passing,
  layer?: ConvolutionFields,
): ConvolutionFields {
  const { size, ...others } = wide?.codeWindows(coder, layer) ??
    codePlainWindows(coder, held, layer);
  const linear = codeFlag(coder, 2, layer?.activation === "linear");
  return { size, ...codeActivation(coder, linear, { wide, layer }), ...others };
}

/** An extent of as many rows as columns. */
function numberOf(extent?: Extent): number | undefined {
  return typeof extent === "number" ? extent : undefined;
}

/** Windows as every version has them. */
function codePlainWindows(
  coder: BitCoder,
  held: boolean,
  layer?: WindowFields,
): Windows {
  const size = codeUsual(
    coder,
    [[3, 8], [5, 3], [1, 3]],
    numberOf(layer?.size),
  );
  const stride = codeUsual(
    coder,
    [[1, 9], [2, 6]],
    layer && numberOf(layer.stride ?? 1),
  );
  // What a residual layer holds mostly keeps the image's extent.
  const same = codeFlag(coder, held ? 12 : 4, layer?.padding === "same");
  return {
    size,
    ...(stride > 1 && { stride }),
    ...(same && { padding: "same" as const }),
  };
}

/** What passing layers needs besides the coder. */
interface Passing {
  /** What may come next. */
  next: NextLayers;
  wide?: WideForms;
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
      const filters = codeCount(coder, 3, given?.filters);
      return { kind, name, filters, ...codeWindow(coder, passing, given) };
    }
    case "depthwiseConv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const windows = codeWindow(coder, passing, given);
      const multiplier = wide?.codeMultiplier(coder, given) ?? 1;
      return { kind, name, ...windows, ...multiplier > 1 && { multiplier } };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const windows = wide?.codePool(coder, given) ??
        { size: codeUsual(coder, [[2, 12], [3, 2]], numberOf(given?.size)) };
      if (kind === "maxPool2d") return { kind, name, ...windows };
      const sum = layer?.kind === kind ? layer : undefined;
      return { kind, name, ...windows, ...wide?.codeSum?.(coder, sum) };
    }
    case "dense": {
      const given = layer?.kind === kind ? layer : undefined;
      const units = codeUsual(coder, [[10, 12]], given?.units);
      const linear = !codeFlag(
        coder,
        5,
        given && given.activation !== "linear",
      );
      return {
        kind,
        name,
        units,
        ...codeActivation(coder, linear, { wide, layer: given }),
      };
    }
    case "residual": {
      const given = layer?.kind === kind ? layer : undefined;
      const linear = codeFlag(coder, 4, given?.activation === "linear");
      const activation = codeActivation(coder, linear, { wide, layer: given });
      const inner = { ...passing, next: HELD, held: true };
      const layers = codeRow(coder, inner, isImage, given?.layers);
      passing.count = inner.count;
      const lift = wide?.codeLift?.(coder, given);
      return { kind, name, layers, ...activation, ...lift };
    }
    case "globalAveragePool2d": {
      const given = layer?.kind === kind ? layer : undefined;
      return { kind, name, ...wide?.codeSum?.(coder, given) };
    }
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
  const { images, rows } = passing.next;
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
    if (kind === "end") {
      if (coded.length > 0) break;
      throw new RangeError(
        "Cannot use a .dram: a residual layer must hold layers: one holds none",
      );
    }
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
  grammar: Grammar,
  layers?: readonly LayerSpec[],
): LayerSpec[] {
  const { wide } = grammar;
  const passing = { next: grammar, wide, held: false, count: 0 };
  const coded = codeRow(coder, passing, true, layers);
  return wide?.codeEnd?.(coder, coded, layers) ?? coded;
}

/** Passes the extent of one input image: 28×28×1, or any other. */
export function codeInput(coder: BitCoder, input?: ImageShape): ImageShape {
  const isOther = input && input.join() !== "28,28,1";
  if (!codeFlag(coder, 1, isOther)) return [28, 28, 1];
  const pass = (extent?: number) => codeCount(coder, 4, extent);
  return [pass(input?.[0]), pass(input?.[1]), pass(input?.[2])];
}
