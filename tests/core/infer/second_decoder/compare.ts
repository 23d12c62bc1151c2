import {
  type ActivationFields,
  decodeDram,
  decodeTensor,
  type DramBudget,
  type EncodedModel,
  type Extent,
  type LayerSpec,
  loadEncoded,
  measureDramCost,
} from "../../../../core/infer/mod.ts";
import type { Request, SecondDecoder } from "./second_decoder.ts";

/** Operations up to which a model is run. */
const MOST_OPERATIONS = 2 ** 18;

const pair = (extent: Extent = 1) =>
  typeof extent === "number" ? `${extent},${extent}` : `${extent}`;

/** ` name=value` of each of `fields`. */
const list = (fields: Record<string, string | number>) =>
  Object.entries(fields).map(([name, value]) => ` ${name}=${value}`).join("");

function describeActivation(
  { activation, shift, bits = 8, slope }: ActivationFields,
): string {
  const fields = {
    ...shift !== undefined && { shift: `${shift}` },
    ...activation === "round" && { bits },
    ...slope !== undefined && { slope: slope.toFixed(7) },
    ...activation === "leakyRelu" && { slope: (slope ?? 1 / 8).toFixed(7) },
  };
  return ` ${activation}${list(fields)}`;
}

/** That of a pool of integers; nothing of a mean. */
const describeSum = (
  { activation, shift, bits, slope }: Partial<ActivationFields>,
) => activation ? describeActivation({ activation, shift, bits, slope }) : "";

/** What stands behind the kind of `layer`. */
function describeFields(layer: LayerSpec): string {
  switch (layer.kind) {
    case "conv2d":
    case "depthwiseConv2d": {
      const { size, stride, dilation, padding = "valid" } = layer;
      const window = list({
        size: pair(size),
        stride: pair(stride),
        dilation: pair(dilation),
        padding: `${padding}`,
      });
      const activation = describeActivation(layer);
      return layer.kind === "conv2d"
        ? list({ outputs: layer.filters }) + window + activation
        : window + list({ multiplier: layer.multiplier ?? 1 }) + activation;
    }
    case "maxPool2d":
    case "averagePool2d": {
      const { size, stride = size, padding = "valid" } = layer;
      const window = list({
        size: pair(size),
        stride: pair(stride),
        dilation: pair(1),
        padding: `${padding}`,
      });
      return layer.kind === "maxPool2d" ? window : window + describeSum(layer);
    }
    case "globalAveragePool2d":
      return describeSum(layer);
    case "dense":
      return list({ outputs: layer.units }) + describeActivation(layer);
    case "residual":
      return describeActivation(layer) +
        (layer.lift ? list({ lift: layer.lift }) : "");
    default:
      return "";
  }
}

function describeLayers(layers: LayerSpec[], depth = 0): string[] {
  return layers.flatMap((layer) => [
    `${depth} ${layer.kind}${describeFields(layer)}`,
    ...layer.kind === "residual" ? describeLayers(layer.layers, depth + 1) : [],
  ]);
}

/** The patterns of `numbers`, in hexadecimal, one after another. */
function describeFloats(numbers: Float32Array): string {
  const view = new DataView(new ArrayBuffer(numbers.byteLength));
  numbers.forEach((number, place) => view.setFloat32(4 * place, number));
  return new Uint8Array(view.buffer).toHex();
}

function describeTensor(tensor: EncodedModel["tensors"][number]): string[] {
  const { kind, shape } = tensor;
  const bits = "bits" in tensor ? ` bits=${tensor.bits}` : "";
  const table = kind === "uniform"
    ? tensor.scale
    : kind === "codebook"
    ? tensor.codebook
    : new Float32Array();
  return [
    `tensor ${kind}${bits} shape=${shape}`,
    `table ${describeFloats(table)}`,
    `weights ${describeFloats(decodeTensor(tensor).values)}`,
  ];
}

/** What the second decoder must say of a file of `model` that costs `cost`. */
export function describeModel(
  { spec, labels, tensors }: EncodedModel,
  cost: DramBudget,
): string[] {
  const { bytes, weights, activations, decoding, memory, operations } = cost;
  return [
    `cost ${bytes} ${weights} ${activations} ${decoding} ${memory} ${operations}`,
    `input ${spec.input}`,
    ...describeLayers(spec.layers),
    ...labels.map((label) =>
      `label ${new TextEncoder().encode(label).toHex()}`
    ),
    ...tensors.flatMap(describeTensor),
  ];
}

/** What the first decoder says of a file. */
interface First {
  /** `undefined` where it refused it. */
  lines?: string[];
  /** Why it refused it. */
  refusal?: string;
  /** Of one image; "overflow" where sums did. */
  logits?: Float32Array | "overflow";
  request: Request;
}

function askFirst(bytes: Uint8Array, pixels?: Uint8Array): First {
  let model;
  try {
    model = decodeDram(bytes);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      const request = { bytes, pixels: new Uint8Array() };
      return { refusal: error.message, request };
    }
    throw error;
  }
  const cost = measureDramCost(model.spec, bytes.length);
  const lines = describeModel(model, cost);
  if (!pixels && cost.operations > MOST_OPERATIONS) {
    return { lines, request: { bytes, pixels: new Uint8Array() } };
  }
  const length = model.spec.input.reduce((a, b) => a * b);
  const images = pixels ??
    Uint8Array.from({ length }, (_, place) => place * 89 & 255);
  let logits: First["logits"];
  try {
    ({ logits } = loadEncoded(model).classify(images));
  } catch (error) {
    if (
      !(error instanceof RangeError && error.message.includes("finite"))
    ) throw error;
    logits = "overflow";
  }
  return { lines, logits, request: { bytes, pixels: images } };
}

/**
 * What differs between logits and what the second decoder says of them, if anything: those of
 * a model of integers are alike to the bit, others but for rounding.
 */
function compareLogits(
  first: Float32Array | "overflow",
  lines: string[],
  isExact: boolean,
): string | undefined {
  const isOver = lines.includes("logits overflow");
  if (first !== "overflow" && isExact) {
    const told = lines.map((line) => line.slice("logits ".length)).join("");
    const expected = describeFloats(first);
    if (told === expected) return;
    return `logits are ${expected}, the second decoder's ${told}`;
  }
  if (first === "overflow" || isOver) {
    if (first === "overflow" && isOver) return;
    return `only the ${isOver ? "second" : "first"} overflows`;
  }
  const numbers = lines.flatMap((line) => line.split(" ").slice(1).map(Number));
  const second = numbers.filter((_, place) => place % 2 === 0);
  const bounds = numbers.filter((_, place) => place % 2 === 1);
  if (second.length !== first.length) return `${second.length} logits`;
  const place = second.findIndex((logit, place) =>
    !(Math.abs(logit - first[place]) <= bounds[place])
  );
  if (place < 0) return;
  return `logit ${place} is ${first[place]}, the second decoder's ${
    second[place]
  } ± ${bounds[place]}`;
}

/** What both decoders made of one file. */
export interface Comparison {
  outcome: "both accept" | "both refuse" | "differ";
  /** What differs, if something does. */
  difference?: string;
  /** What the second decoder says of how the file is written. */
  notes: string[];
  /** Why both refuse it: the first's words, and the second's. */
  refusal?: string;
  /** Whether logits were compared. */
  ran: boolean;
}

function compare(
  { lines, refusal, logits }: First,
  answer: string,
): Comparison {
  const said = answer.trimEnd().split("\n");
  const notes = said.filter((line) => line.startsWith("# "));
  const differ = (difference: string): Comparison => ({
    outcome: "differ",
    difference,
    notes,
    ran: false,
  });
  const isRefused = answer.startsWith("refused: ");
  if (!lines) {
    return isRefused
      ? {
        outcome: "both refuse",
        notes,
        refusal: `${refusal} | ${said[0].slice("refused: ".length)}`,
        ran: false,
      }
      : differ(`only the first refuses: ${refusal}`);
  }
  if (isRefused) return differ(`only the second refuses: ${said[0]}`);
  const isLogits = (line: string) => line.startsWith("logits ");
  const told = said.filter((line) => !line.startsWith("# ") && !isLogits(line));
  const place = Math.max(lines.length, told.length) === lines.length
    ? lines.findIndex((line, place) => line !== told[place])
    : lines.length;
  if (place >= 0) {
    return differ(`the first says ${lines[place]}, the second ${told[place]}`);
  }
  const isExact = notes.includes("# version 4");
  const difference = logits &&
    compareLogits(logits, said.filter(isLogits), isExact);
  if (difference) return differ(difference);
  return { outcome: "both accept", notes, ran: logits !== undefined };
}

/**
 * What both decoders make of each of `files`: whether both refuse it, or both read the same
 * architecture, labels, costs and weights, to the bit, and the same logits, as near as rounding lets
 * them be and to the bit where there is none, of `pixels` or of an image that we make up.
 */
export async function compareDecoders(
  second: Pick<SecondDecoder, "ask">,
  files: { bytes: Uint8Array; pixels?: Uint8Array }[],
): Promise<Comparison[]> {
  const firsts = files.map(({ bytes, pixels }) => askFirst(bytes, pixels));
  const answers = await second.ask(firsts.map(({ request }) => request));
  return firsts.map((first, place) => compare(first, answers[place]));
}
