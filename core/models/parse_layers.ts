import type { ImageShape } from "../data/dataset.ts";
import { modelCost } from "./cost.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

const MNIST_INPUT: ImageShape = [28, 28, 1];

/** What a layer's text may be, and the layer that it stands for. */
const FORMS: {
  form: string;
  pattern: RegExp;
  make: (numbers: number[], ending: Endings) => LayerSpec;
}[] = [
  {
    form: "convKxF",
    pattern: /^conv(\d+)x(\d+)(?:\/(\d+))?((?::[a-z]+)*)$/,
    make: ([size, filters, stride], { activation, padding }) => ({
      kind: "conv2d",
      name: "conv",
      filters,
      size,
      activation,
      ...strideOf(stride),
      ...padding,
    }),
  },
  {
    form: "depthK",
    pattern: /^depth(\d+)(?:\/(\d+))?((?::[a-z]+)*)$/,
    make: ([size, stride], { activation, padding }) => ({
      kind: "depthwiseConv2d",
      name: "depth",
      size,
      activation,
      ...strideOf(stride),
      ...padding,
    }),
  },
  {
    form: "denseN",
    pattern: /^dense(\d+)((?::linear)?)$/,
    make: ([units], { activation }) => ({
      kind: "dense",
      name: "dense",
      units,
      activation,
    }),
  },
  {
    form: "maxN",
    pattern: /^max(\d+)()$/,
    make: ([size]) => ({ kind: "maxPool2d", name: "max", size }),
  },
  {
    form: "poolN",
    pattern: /^pool(\d+)()$/,
    make: ([size]) => ({ kind: "averagePool2d", name: "pool", size }),
  },
  {
    form: "dropR",
    pattern: /^drop(0(?:\.\d+)?)()$/,
    make: ([rate]) => ({ kind: "dropout", name: "drop", rate }),
  },
  {
    form: "mean",
    pattern: /^mean()$/,
    make: () => ({ kind: "globalAveragePool2d", name: "mean" }),
  },
];

/** A stride, where it was given and isn't 1. */
function strideOf(stride: number): { stride?: number } {
  return Number.isNaN(stride) || stride === 1 ? {} : { stride };
}

/** What a layer's endings say. */
interface Endings {
  activation: "relu" | "linear";
  padding: { padding?: "same" };
}

function refuse(text: string, rule: string, found: string): never {
  throw new SyntaxError(
    `Cannot read layers "${text}": ${rule}: found ${found}`,
  );
}

/** Reads `:same` and `:linear`, each at most once. */
function parseEndings(endings: string, word: string, text: string): Endings {
  const names = endings.split(":").slice(1);
  const known = names.every((name) => name === "same" || name === "linear");
  if (!known || new Set(names).size < names.length) {
    refuse(text, "a layer may end in :same and :linear, once each", word);
  }
  return {
    activation: names.includes("linear") ? "linear" : "relu",
    padding: names.includes("same") ? { padding: "same" } : {},
  };
}

function parseLayer(word: string, text: string): LayerSpec {
  for (const { pattern, make } of FORMS) {
    const match = pattern.exec(word);
    if (!match) continue;
    const numbers = match.slice(1, -1).map(Number);
    return make(numbers, parseEndings(match[match.length - 1], word, text));
  }
  return refuse(
    text,
    `layers must be ${
      FORMS.map(({ form }) => form).join(", ")
    }, with commas between, as in pool2,conv3x8,max2,conv3x12/2:same,mean`,
    word === "" ? "nothing between commas" : `"${word}"`,
  );
}

/** Whether `layer` makes a row of an image. */
function endsImages({ kind }: LayerSpec): boolean {
  return kind === "globalAveragePool2d" || kind === "flatten";
}

/** The same layers, those of a kind numbered: `conv1`, `conv2`, … */
function numberNames(layers: LayerSpec[]): LayerSpec[] {
  const counts = new Map<string, number>();
  return layers.map((layer) => {
    const count = (counts.get(layer.name) ?? 0) + 1;
    counts.set(layer.name, count);
    return { ...layer, name: `${layer.name}${count}` };
  });
}

/**
 * The model whose layers `text` lists: words with commas between, each one layer.
 *
 * | word | layer | parameters, on c channels or d numbers |
 * |---|---|---|
 * | `convKxF` | K×K convolution to F channels, relu | (K²·c + 1)·F |
 * | `depthK` | K×K depthwise convolution, relu | (K² + 1)·c |
 * | `maxN`, `poolN` | N×N max-pooling, average pooling | 0 |
 * | `mean` | average over the whole image | 0 |
 * | `denseN` | dense layer of N units, relu | (d + 1)·N |
 * | `dropR` | dropout of rate R, in training | 0 |
 *
 * After a convolution may stand its stride, as `/2`, then `:same` for padding and
 * `:linear` for no relu (that also after `denseN`). An image is flattened where a
 * dense layer reads it. A dense layer of `classes`, linear, and a softmax end
 * every model: (d + 1)·classes more parameters.
 *
 * `input` is 28×28×1 and `classes` 10 unless given. Throws a `SyntaxError` where a
 * word is none of these, and a `RangeError` where a count is out of range, an
 * image too small for its layer, or a row where a layer must read an image.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters } from "./cost.ts";
 * import { parseLayers } from "./parse_layers.ts";
 *
 * const spec = parseLayers("pool2,conv3x8,max2,conv3x12,mean");
 * assertEquals(spec.layers.map(({ name }) => name), ["pool1", "conv1", "max1", "conv2", "mean1", "logits", "softmax"]);
 * assertEquals(countParameters(spec), 10 * 8 + 73 * 12 + 13 * 10);
 * ```
 */
export function parseLayers(
  text: string,
  { name = "compact", input = MNIST_INPUT, classes = 10 }: {
    name?: string;
    input?: ImageShape;
    classes?: number;
  } = {},
): ModelSpec {
  const words = text.split(",").map((word) => word.trim());
  const layers: LayerSpec[] = [];
  const flatten = () => {
    if (!layers.some(endsImages)) {
      layers.push({ kind: "flatten", name: "flatten" });
    }
  };
  for (const word of words) {
    const layer = parseLayer(word, text);
    if (layer.kind === "dense") flatten();
    layers.push(layer);
  }
  flatten();
  const spec: ModelSpec = {
    name,
    input,
    layers: [
      ...numberNames(layers),
      { kind: "dense", name: "logits", units: classes, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  modelCost(spec); // Throws where the layers don't go together.
  return spec;
}
