import type { ImageShape } from "../../data/dataset.ts";
import type {
  Activation,
  ConvolutionFields,
  LayerKind,
  LayerSpec,
} from "../../models/layers/layer.ts";
import { listLayers } from "../../models/layers/layers.ts";
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

/** The first version that has each activation. */
const SINCE: Readonly<Record<Activation, DramVersion>> = {
  relu: 1,
  linear: 1,
  leakyRelu: 3,
};

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

/** Which relu follows sums: a model in which one may be leaky has mostly such. */
function codeRelu(
  coder: BitCoder,
  leaky: boolean,
  activation?: Activation,
): Activation {
  return leaky && codeFlag(coder, 13, activation === "leakyRelu")
    ? "leakyRelu"
    : "relu";
}

/** What a convolution has beside its number of filters; what is usual isn't said in the spec. */
function codeWindow(
  coder: BitCoder,
  { held, leaky }: Passing,
  layer?: ConvolutionFields,
): ConvolutionFields {
  const size = codeUsual(coder, [[3, 8], [5, 3], [1, 3]], layer?.size);
  const stride = codeUsual(
    coder,
    [[1, 9], [2, 6]],
    layer && (layer.stride ?? 1),
  );
  // What a residual layer holds mostly keeps the image's extent.
  const same = codeFlag(coder, held ? 12 : 4, layer?.padding === "same");
  const linear = codeFlag(coder, 2, layer?.activation === "linear");
  return {
    size,
    activation: linear ? "linear" : codeRelu(coder, leaky, layer?.activation),
    ...(stride > 1 && { stride }),
    ...(same && { padding: "same" }),
  };
}

/** The lowest version of the format that can say `layers`: whoever reads that one reads them. */
export function versionFor(layers: readonly LayerSpec[]): DramVersion {
  const since = listLayers(layers).map((layer) =>
    "activation" in layer ? SINCE[layer.activation] : 1
  );
  if (since.includes(3)) return 3;
  return layers.some(({ kind }) => kind === "residual") ? 2 : 1;
}

/** What passing layers needs besides the coder. */
interface Passing {
  /** What may come next. */
  grammar: Grammar;
  /** Whether a relu may be leaky. */
  leaky: boolean;
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
  const { leaky } = passing;
  const name = `${kind}-${passing.count}`;
  switch (kind) {
    case "conv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const filters = codeNumber(coder, 3, given && given.filters - 1) + 1;
      return { kind, name, filters, ...codeWindow(coder, passing, given) };
    }
    case "depthwiseConv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      return { kind, name, ...codeWindow(coder, passing, given) };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const given = layer?.kind === kind ? layer.size : undefined;
      return { kind, name, size: codeUsual(coder, [[2, 12], [3, 2]], given) };
    }
    case "dense": {
      const given = layer?.kind === kind ? layer : undefined;
      const units = codeUsual(coder, [[10, 12]], given?.units);
      const relu = codeFlag(coder, 5, given && given.activation !== "linear");
      const activation = relu
        ? codeRelu(coder, leaky, given?.activation)
        : "linear";
      return { kind, name, units, activation };
    }
    case "residual": {
      const given = layer?.kind === kind ? layer : undefined;
      const linear = codeFlag(coder, 4, given?.activation === "linear");
      const activation = linear
        ? "linear"
        : codeRelu(coder, leaky, given?.activation);
      const inner = { ...passing, grammar: HELD, held: true };
      const layers = codeRow(coder, inner, isImage, given?.layers);
      passing.count = inner.count;
      return { kind, name, layers, activation };
    }
    case "globalAveragePool2d":
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
    if (kind === "flatten" || kind === "globalAveragePool2d") isImage = false;
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
  const grammar = version === 1 ? PLAIN : NESTED;
  const passing = { grammar, leaky: version > 2, held: false, count: 0 };
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
