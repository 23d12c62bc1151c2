import type { ImageShape } from "../data/dataset.ts";
import { modelCost } from "./cost.ts";
import { ACTIVATION_FORMS, ACTIVATIONS } from "./layers/activation.ts";
import { parseExtentText } from "./layers/convolution.ts";
import type {
  Endings,
  LayerForms,
  LayerKind,
  LayerSpec,
} from "./layers/layer.ts";
import {
  LAYER_FORMS,
  LAYER_KINDS,
  listLayerWords,
} from "./layers/layer_forms.ts";
import { listLayers } from "./layers/layers.ts";
import type { ModelSpec } from "./spec.ts";

const MNIST_INPUT: ImageShape = [28, 28, 1];

function refuse(text: string, rule: string, found: string): never {
  throw new SyntaxError(
    `Cannot read layers "${text}": ${rule}: found ${found}`,
  );
}

/** "7", "3" and "4" as a shift by 7 bits, a slope of 2^−3 and 4 bits; the latter two where given. */
function roundingOf(
  [shifts, slope, bits]: (string | undefined)[],
): Endings["activation"] {
  const shift = (shifts ?? "").split(".").map(Number);
  return {
    activation: "round",
    shift: shift.length === 1 ? shift[0] : shift,
    ...slope !== undefined && { slope: 2 ** -Number(slope) },
    ...bits !== undefined && { bits: Number(bits) },
  };
}

/** Reads `:same`, `:padTxBxLxR` or `:dilN`, and what follows sums, as `:linear`; each at most once. */
function parseEndings(endings: string, word: string, text: string): Endings {
  const [usual, ...others] = ACTIVATIONS;
  let activation: Endings["activation"] = { activation: usual };
  const windows: Endings["windows"] = {};
  for (const name of endings.split(":").slice(1)) {
    const slope = /^leaky(0\.\d+)$/.exec(name)?.[1];
    const rounding = /^round(\d+(?:\.\d+)*)(?:s(\d))?(?:b(\d))?$/.exec(name)
      ?.slice(1);
    const found = others.find((each) => ACTIVATION_FORMS[each].ending === name);
    const frame = /^pad(\d+)x(\d+)x(\d+)x(\d+)$/.exec(name)?.slice(1);
    const dilation = /^dil(\d+(?:x\d+)?)$/.exec(name)?.[1];
    if (name === "same" && !windows.padding) windows.padding = "same";
    else if (frame && !windows.padding) {
      const [top, bottom, left, right] = frame.map(Number);
      windows.padding = [top, bottom, left, right];
    } else if (dilation && windows.dilation === undefined) {
      windows.dilation = parseExtentText(dilation);
    } else if (slope && activation.activation === usual) {
      activation = { activation: "leakyRelu", slope: Number(slope) };
    } else if (rounding && activation.activation === usual) {
      activation = roundingOf(rounding);
    } else if (found && activation.activation === usual) {
      activation = { activation: found };
    } else {
      const known = others.map((each) => `:${ACTIVATION_FORMS[each].ending}`);
      refuse(
        text,
        `a layer may end in :same, and in ${known.join(" or ")}, once each`,
        word,
      );
    }
  }
  return { activation, windows };
}

/** What is between commas, but for those in brackets. */
function splitWords(text: string): string[] {
  const words = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth <= 0) words.push("");
    else words[words.length - 1] += character;
  }
  return words.map((word) => word.trim());
}

/** The layer that `word` stands for, if it is one of `kind`. */
function parseAs<K extends LayerKind>(
  kind: K,
  word: string,
  text: string,
): LayerSpec<K> | undefined {
  const { text: form }: LayerForms<K> = LAYER_FORMS[kind];
  const match = form?.pattern.exec(word);
  if (!form || !match) return undefined;
  const groups = match.slice(1, -1);
  const endings = parseEndings(match[match.length - 1], word, text);
  const parseRow = (row: string) =>
    splitWords(row).map((each) => parseLayer(each, text));
  const fields = form.parse(groups, endings, parseRow);
  return { kind, name: form.stem, ...fields };
}

function parseLayer(word: string, text: string): LayerSpec {
  for (const kind of LAYER_KINDS) {
    const layer = parseAs(kind, word, text);
    if (layer) return layer;
  }
  return refuse(
    text,
    `layers must be ${
      listLayerWords().join(", ")
    }, with commas between, as in pool2,conv3x8,max2,conv3x12/2:same,mean`,
    word === "" ? "nothing between commas" : `"${word}"`,
  );
}

/** Whether `layer` makes a row of an image. */
function endsImages({ kind }: LayerSpec): boolean {
  return kind === "globalAveragePool2d" || kind === "globalMaxPool2d" ||
    kind === "flatten";
}

/** The same layers, those of a kind numbered: `conv1`, `conv2`, … */
function numberNames(
  layers: LayerSpec[],
  counts: Map<string, number>,
): LayerSpec[] {
  return layers.map((layer) => {
    const count = (counts.get(layer.name) ?? 0) + 1;
    counts.set(layer.name, count);
    const name = `${layer.name}${count}`;
    return layer.kind === "residual"
      ? { ...layer, name, layers: numberNames(layer.layers, counts) }
      : { ...layer, name };
  });
}

/**
 * The model whose layers `text` lists: words with commas between, each one layer.
 *
 * | word | layer | parameters, on c channels or d numbers |
 * |---|---|---|
 * | `convKxF`, `convRxCxF` | convolution of K×K or R×C windows to F channels, relu | (K²·c + 1)·F |
 * | `depthK`, `depthK*M` | K×K depthwise convolution, M of each channel, relu | (K² + 1)·c·M |
 * | `maxN`, `poolN` | N×N max-pooling, average pooling | 0 |
 * | `mean`, `most` | average, maximum over the whole image | 0 |
 * | `denseN` | dense layer of N units, relu | (d + 1)·N |
 * | `dropR` | dropout of rate R, in training | 0 |
 * | `res(…)` | the layers in brackets, added to what they read, then relu | theirs |
 * | `flatten` | a row of the image, where nothing else makes one | 0 |
 *
 * After a convolution or a pool may stand its stride, as `/2` or `/2x1`, then `:same` or
 * `:padTxBxLxR` for zeros around the image; after a convolution `:dilN` for places of a window
 * apart. In place of a relu come `:linear`, `:leaky` (or `:leaky0.2`, a slope), `:relu6`,
 * `:elu`, `:sigmoid`, `:tanh` or `:swish`, after `denseN` and `res(…)` too. An image is
 * flattened where a dense layer reads it. A dense layer of `classes`, linear, and a softmax end
 * every model: (d + 1)·classes more parameters.
 *
 * `:round7` in place of a relu is that of a model of integers, which shifts sums by 7 bits:
 * `:round7.6` by 7 and 6 in two channels, `:round7s3` keeps an eighth (2^−3) of what is below 0,
 * `:round7b4` has 4 bits. There `poolN:round2`, `mean:round4` and `mean:linear` are sums, and
 * `res(…)*8` adds 8 times what it reads; logits are divided by 2^`shift`.
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
  { name = "compact", input = MNIST_INPUT, classes = 10, shift = 0 }: {
    name?: string;
    input?: ImageShape;
    classes?: number;
    shift?: number;
  } = {},
): ModelSpec {
  const layers: LayerSpec[] = [];
  const flatten = () => {
    if (!layers.some(endsImages)) {
      layers.push({ kind: "flatten", name: "flatten" });
    }
  };
  for (const word of splitWords(text)) {
    const layer = parseLayer(word, text);
    if (listLayers([layer]).some(({ kind }) => kind === "dense")) flatten();
    layers.push(layer);
  }
  flatten();
  const rounds = listLayers(layers).some((layer) =>
    "activation" in layer && layer.activation === "round"
  );
  const spec: ModelSpec = {
    name,
    input,
    layers: [
      ...numberNames(layers, new Map()),
      {
        kind: "dense",
        name: "logits",
        units: classes,
        activation: "linear",
        ...rounds && { shift },
      },
      { kind: "softmax", name: "softmax" },
    ],
  };
  modelCost(spec); // Throws where the layers don't go together.
  return spec;
}
