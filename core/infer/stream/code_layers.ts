import type { ImageShape } from "../../data/dataset.ts";
import type { Activation, LayerSpec, Padding } from "../../models/spec.ts";
import { DRAM_LIMITS } from "../dram_budget.ts";
import type { BitCoder } from "./bit_coder.ts";
import { codeChoice, codeFlag, codeNumber } from "./code_numbers.ts";

type Choices<T> = readonly (readonly [T, number])[];

/** Kinds that a file may hold: dropout is for training. */
type CodedKind = Exclude<LayerSpec["kind"], "dropout">;

/** What may come next while there are images. */
const IMAGE_KINDS: Choices<CodedKind> = [
  ["conv2d", 8],
  ["depthwiseConv2d", 4],
  ["maxPool2d", 3],
  ["flatten", 3],
  ["globalAveragePool2d", 2],
  ["averagePool2d", 2],
];

/** What may come next once there are rows. */
const ROW_KINDS: Choices<CodedKind> = [
  ["softmax", 8],
  ["dense", 8],
  ["flatten", 1],
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

/** What a convolution has beside its number of filters; what is usual isn't said in the spec. */
function codeWindow(
  coder: BitCoder,
  layer?: {
    size: number;
    activation: Activation;
    stride?: number;
    padding?: Padding;
  },
): {
  size: number;
  activation: Activation;
  stride?: number;
  padding?: Padding;
} {
  const size = codeUsual(coder, [[3, 8], [5, 3], [1, 3]], layer?.size);
  const stride = codeUsual(
    coder,
    [[1, 9], [2, 6]],
    layer && (layer.stride ?? 1),
  );
  const same = codeFlag(coder, 4, layer?.padding === "same");
  const linear = codeFlag(coder, 2, layer?.activation === "linear");
  return {
    size,
    activation: linear ? "linear" : "relu",
    ...(stride > 1 && { stride }),
    ...(same && { padding: "same" }),
  };
}

/** One layer, of one of `kinds`; it is called by its kind and `place`. */
function codeLayer(
  coder: BitCoder,
  kinds: Choices<CodedKind>,
  { place, layer }: { place: number; layer?: LayerSpec },
): LayerSpec {
  const kind = codeChoice(coder, kinds, layer?.kind);
  const name = `${kind}-${place}`;
  switch (kind) {
    case "conv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      const filters = codeNumber(coder, 3, given && given.filters - 1) + 1;
      return { kind, name, filters, ...codeWindow(coder, given) };
    }
    case "depthwiseConv2d": {
      const given = layer?.kind === kind ? layer : undefined;
      return { kind, name, ...codeWindow(coder, given) };
    }
    case "maxPool2d":
    case "averagePool2d": {
      const given = layer?.kind === kind ? layer.size : undefined;
      return { kind, name, size: codeUsual(coder, [[2, 12], [3, 2]], given) };
    }
    case "dense": {
      const given = layer?.kind === kind ? layer : undefined;
      const units = codeUsual(coder, [[10, 12]], given?.units);
      const relu = codeFlag(coder, 5, given?.activation === "relu");
      return { kind, name, units, activation: relu ? "relu" : "linear" };
    }
    default:
      return { kind, name };
  }
}

/**
 * Passes a model's layers, each by its kind and what that leaves open, up to the
 * softmax. Names are made: `conv2d-1` is the first layer. Throws a `RangeError`
 * where there are more than the format allows, or a layer can't follow.
 */
export function codeLayers(coder: BitCoder, layers?: LayerSpec[]): LayerSpec[] {
  const coded: LayerSpec[] = [];
  let kinds = IMAGE_KINDS;
  while (coded.at(-1)?.kind !== "softmax") {
    if (coded.length === DRAM_LIMITS.layers) {
      throw new RangeError(
        `Cannot use a .dram: a model must have at most ${DRAM_LIMITS.layers} layers, a softmax last: it has more`,
      );
    }
    const layer = codeLayer(coder, kinds, {
      place: coded.length + 1,
      layer: layers?.[coded.length],
    });
    coded.push(layer);
    if (layer.kind === "flatten" || layer.kind === "globalAveragePool2d") {
      kinds = ROW_KINDS;
    }
  }
  return coded;
}

/** Passes the extent of one input image: 28×28×1, or any other. */
export function codeInput(coder: BitCoder, input?: ImageShape): ImageShape {
  const isOther = input && input.join() !== "28,28,1";
  if (!codeFlag(coder, 1, isOther)) return [28, 28, 1];
  const pass = (extent?: number) =>
    codeNumber(coder, 4, extent && extent - 1) + 1;
  return [pass(input?.[0]), pass(input?.[1]), pass(input?.[2])];
}
