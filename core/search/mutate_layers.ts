import type { ImageShape } from "../data/dataset.ts";
import { formatRow } from "../models/format_layers.ts";
import { parseLayers } from "../models/parse_layers.ts";
import type { LayerSpec, ModelSpec } from "../models/spec.ts";
import type { Xoshiro128 } from "../random/xoshiro128.ts";

/** Layers in a row, but for the logits and the softmax, which end every model. */
type Row = readonly LayerSpec[];

/** What of a row is changed at random: `undefined` where it has nothing to change so. */
interface Move {
  /** How often it is drawn, beside the others. */
  weight: number;
  change(row: Row, random: Xoshiro128): Row | undefined;
}

/** Most rows and columns of a window. */
const MOST_WINDOW = 7;
/** Filters of a convolution that has none before it, and units of a dense layer: at the least, and how many more. */
const FIRST_FILTERS = [4, 5] as const;
const FIRST_UNITS = [8, 25] as const;
/** A count is changed by a factor of 2^−0.75 to 2^0.75. */
const OCTAVES = 0.75;

/** One of `items`; `undefined` of none. */
export function pick<Item>(
  items: readonly Item[],
  random: Xoshiro128,
): Item | undefined {
  return items.length === 0 ? undefined : items[random.below(items.length)];
}

/**
 * `row` with one layer, of those that `change` has something for, replaced by that: the
 * layer alone, or with the one behind it, where two are taken.
 */
function changeOne(
  row: Row,
  random: Xoshiro128,
  change: (
    layer: LayerSpec,
    next: LayerSpec | undefined,
  ) => { layers: LayerSpec[]; taken?: 2 } | undefined,
): Row | undefined {
  const changed = row.flatMap((layer, index) => {
    const found = change(layer, row[index + 1]);
    if (!found) return [];
    return [row.toSpliced(index, found.taken ?? 1, ...found.layers)];
  });
  return pick(changed, random);
}

/** `count` times 2^u, u uniform over ±{@linkcode OCTAVES}: another count, from 1. */
function resize(count: number, random: Xoshiro128): number {
  const factor = 2 ** (OCTAVES * (2 * random.uniform() - 1));
  const size = Math.max(1, Math.round(count * factor));
  if (size !== count) return size;
  return count > 1 && random.below(2) === 0 ? count - 1 : count + 1;
}

/** Whether `layer` makes a row of an image, or reads one. */
function isFlat({ kind }: LayerSpec): boolean {
  return kind === "globalAveragePool2d" || kind === "globalMaxPool2d" ||
    kind === "flatten" || kind === "dense";
}

/** How many layers of `row` read images: those before the first that makes or reads a row. */
function countImageLayers(row: Row): number {
  const first = row.findIndex(isFlat);
  return first < 0 ? row.length : first;
}

/** `layer` followed by another of the activations that small nets have; none where it has another kind. */
function changeActivation(
  layer: LayerSpec,
  random: Xoshiro128,
): LayerSpec | undefined {
  if (
    layer.kind !== "conv2d" && layer.kind !== "dense" &&
    layer.kind !== "depthwiseConv2d"
  ) return undefined;
  const { slope: _, ...rest } = layer;
  // Sums of sums are no better than one: only a depthwise layer is followed by one.
  const all = layer.kind === "depthwiseConv2d"
    ? (["relu", "leakyRelu", "linear"] as const)
    : (["relu", "leakyRelu"] as const);
  const others = all.filter((each) => each !== layer.activation);
  const activation = others.length < all.length && pick(others, random);
  return activation ? { ...rest, activation } : undefined;
}

/** A layer that reads an image, to stand behind the first `index` of `row`. */
function drawImageLayer(
  row: Row,
  index: number,
  random: Xoshiro128,
): LayerSpec {
  const before = row.slice(0, index).findLast(({ kind }) => kind === "conv2d");
  const filters = before?.kind === "conv2d"
    ? before.filters
    : FIRST_FILTERS[0] + random.below(FIRST_FILTERS[1]);
  const layers: readonly LayerSpec[] = [
    { kind: "conv2d", name: "", size: 3, filters, activation: "relu" },
    { kind: "conv2d", name: "", size: 1, filters, activation: "relu" },
    { kind: "depthwiseConv2d", name: "", size: 3, activation: "linear" },
    { kind: "maxPool2d", name: "", size: 2 },
    { kind: "averagePool2d", name: "", size: 2 },
  ];
  return layers[random.below(layers.length)];
}

/** Whether windows lie at every place. */
function isEverywhere({ stride = 1 }: { stride?: unknown }): boolean {
  return stride === 1;
}

// What can be changed of a row. Whether what comes of it is a model is seen by building
// it: windows may be larger than their image, a sum may add what has other channels.
const MOVES = {
  /** Filters or units. */
  width: {
    weight: 8,
    change: (row, random) =>
      changeOne(row, random, (layer) => {
        if (layer.kind === "conv2d") {
          const filters = resize(layer.filters, random);
          return { layers: [{ ...layer, filters }] };
        }
        if (layer.kind !== "dense") return undefined;
        return { layers: [{ ...layer, units: resize(layer.units, random) }] };
      }),
  },
  /** Rows and columns of a window: one more or fewer, or two. */
  window: {
    weight: 3,
    change: (row, random) =>
      changeOne(row, random, (layer) => {
        if (!("size" in layer) || typeof layer.size !== "number") {
          return undefined;
        }
        const { size } = layer;
        const least = layer.kind === "conv2d" ? 1 : 2;
        const other = pick(
          [size - 2, size - 1, size + 1, size + 2]
            .filter((each) => each >= least && each <= MOST_WINDOW),
          random,
        );
        if (other === undefined) return undefined;
        // Around windows of one place there is nothing to see.
        const padding = other === 1 ? "valid" : layer.padding;
        return { layers: [{ ...layer, size: other, padding }] };
      }),
  },
  /** A convolution moves by 2, or by 1. */
  stride: {
    weight: 1,
    change: (row, random) =>
      changeOne(row, random, (layer) => {
        if (layer.kind !== "conv2d" && layer.kind !== "depthwiseConv2d") {
          return undefined;
        }
        const stride = isEverywhere(layer) ? 2 : 1;
        return { layers: [{ ...layer, stride }] };
      }),
  },
  /** Zeros around an image, or none. */
  padding: {
    weight: 1,
    change: (row, random) =>
      changeOne(row, random, (layer) => {
        if (!("size" in layer) || layer.size === 1) return undefined;
        const bare = (layer.padding ?? "valid") === "valid";
        const padding = bare ? "same" : "valid";
        return { layers: [{ ...layer, padding }] };
      }),
  },
  /** What follows sums: nothing below 0, or a part of it. */
  activation: {
    weight: 2,
    change: (row, random) =>
      changeOne(row, random, (layer) => {
        const other = changeActivation(layer, random);
        return other && { layers: [other] };
      }),
  },
  /** One layer more: one that reads images, or a dense one at the end. */
  insert: {
    weight: 3,
    change: (row, random) => {
      const places = countImageLayers(row) + 1;
      const place = random.below(places + 1);
      if (place < places) {
        return row.toSpliced(place, 0, drawImageLayer(row, place, random));
      }
      const units = FIRST_UNITS[0] + random.below(FIRST_UNITS[1]);
      return [...row, { kind: "dense", name: "", units, activation: "relu" }];
    },
  },
  /** One layer fewer. */
  remove: {
    weight: 3,
    change: (row, random) => changeOne(row, random, () => ({ layers: [] })),
  },
  /** A convolution as a depthwise one and one of single places, or the reverse. */
  separate: {
    weight: 2,
    change: (row, random) =>
      changeOne(row, random, (layer, next) => {
        if (layer.kind === "conv2d" && layer.size !== 1) {
          const { filters, activation, slope, ...windows } = layer;
          return {
            layers: [
              { ...windows, kind: "depthwiseConv2d", activation: "linear" },
              {
                ...{ kind: "conv2d", name: "", size: 1, filters, activation },
                ...slope !== undefined && { slope },
              },
            ],
          };
        }
        if (
          layer.kind !== "depthwiseConv2d" || next?.kind !== "conv2d" ||
          next.size !== 1 || !isEverywhere(next)
        ) return undefined;
        const { size, stride, padding } = layer;
        return { layers: [{ ...next, size, stride, padding }], taken: 2 };
      }),
  },
  /** A stride of 2 as a maximum of 2×2 behind it, or the reverse. */
  shrink: {
    weight: 1,
    change: (row, random) =>
      changeOne(row, random, (layer, next) => {
        if (layer.kind !== "conv2d") return undefined;
        if (layer.stride === 2) {
          const pool = { kind: "maxPool2d", name: "", size: 2 } as const;
          return { layers: [{ ...layer, stride: 1 }, pool] };
        }
        return next?.kind === "maxPool2d" && isEverywhere(layer)
          ? { layers: [{ ...layer, stride: 2 }], taken: 2 }
          : undefined;
      }),
  },
  /** What makes a row of the image: means of channels, their maxima, or every place. */
  end: {
    weight: 2,
    change: (row, random) => {
      const layers = countImageLayers(row);
      const ends: readonly LayerSpec[] = [
        { kind: "flatten", name: "" },
        { kind: "globalAveragePool2d", name: "" },
        { kind: "globalMaxPool2d", name: "" },
      ];
      const end = row[layers];
      const present = end && end.kind !== "dense" ? end.kind : "flatten";
      const other = pick(ends.filter(({ kind }) => kind !== present), random);
      const replaced = end && end.kind !== "dense" ? 1 : 0;
      return other && row.toSpliced(layers, replaced, other);
    },
  },
} as const satisfies Record<string, Move>;

const TOTAL = Object.values(MOVES).reduce((sum, { weight }) => sum + weight, 0);

/** One of {@linkcode MOVES}, as often as its weight says. */
function drawMove(random: Xoshiro128): Move {
  let place = random.below(TOTAL);
  const moves: Move[] = Object.values(MOVES);
  return moves.find(({ weight }) => (place -= weight) < 0) ?? moves[0];
}

/** What `text` says, if that is a model on images of `input`; `undefined` where it isn't. */
export function parseIfBuildable(
  text: string,
  { shape: input, classes }: { shape: ImageShape; classes: number },
): ModelSpec | undefined {
  try {
    return parseLayers(text, { input, classes });
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** The words of `spec`, each layer as one writes it: equal models have equal text. */
export function canonicalLayers({ layers }: ModelSpec): string {
  return formatRow(layers.slice(0, -2)) || "flatten";
}

/**
 * The layers of `spec` with one thing changed at random: a width, a window, a stride,
 * zeros around an image, what follows sums, a layer more or fewer, a convolution as two
 * of which one reads each channel by itself, a stride as a pool, or what ends the image.
 * `undefined` where the move that was drawn changes nothing there, or what comes of it is
 * no model: a window is larger than its image, say.
 *
 * Layers within `res(…)` stay as they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "../models/parse_layers.ts";
 * import { randomStream } from "../random/stream.ts";
 * import { mutateLayers } from "./mutate_layers.ts";
 *
 * const spec = parseLayers("conv5x4/2,conv3x5,max2,mean");
 * const data = { shape: [28, 28, 1] as const, classes: 10 };
 * const random = randomStream(1);
 * const found = Array.from({ length: 3 }, () => mutateLayers(spec, data, random));
 * assertEquals(found, [
 *   "conv5x4/2,conv3x5:leaky,max2,mean",
 *   "conv5x4/2,conv3x5,max2,most",
 *   "conv5x6/2,conv3x5,max2,mean",
 * ]);
 * ```
 */
export function mutateLayers(
  spec: ModelSpec,
  data: { shape: ImageShape; classes: number },
  random: Xoshiro128,
): string | undefined {
  const row = spec.layers.slice(0, -2).filter(({ kind }) => kind !== "flatten");
  const changed = drawMove(random).change(row, random);
  const built = changed &&
    parseIfBuildable(formatRow(changed) || "flatten", data);
  const text = built && canonicalLayers(built);
  return text === canonicalLayers(spec) ? undefined : text;
}
