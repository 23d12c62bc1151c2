import {
  along,
  type ConvolutionFields,
  MAX_UNITS,
  product,
} from "../models/layers/layer.ts";
import {
  countClasses,
  type LayerShape,
  shapeLayers,
} from "../models/shapes.ts";
import type { ModelSpec } from "../models/spec.ts";

/** What a `.dram` file costs at the most, or may cost. */
export interface DramBudget {
  /** Length of the file. */
  bytes: number;
  /** Weights. */
  weights: number;
  /** Numbers of the largest image or row between layers. */
  activations: number;
  /** Decisions to decode its weights, and a step for each weight. */
  decoding: number;
  /** Bytes that the decoder and the direct path hold at once: weights, workspace, tables. */
  memory: number;
  /** What the direct path does to classify one image: multiply-adds, but also what pools, moves and compares. */
  operations: number;
}

/**
 * What any file may cost, where its reader doesn't ask for less: seconds, and a
 * quarter of a GiB. Of a GPU's models the largest that are sent to a browser fit.
 */
export const DRAM_BUDGET: Readonly<DramBudget> = {
  bytes: 2 ** 25,
  weights: 2 ** 24,
  activations: 2 ** 22,
  decoding: 2 ** 28,
  memory: 2 ** 28,
  operations: 2 ** 31,
};

/**
 * What a file's format allows, whatever its budget; a codebook's indices and the
 * classes' numbers are stored in a byte and in two.
 */
export const DRAM_LIMITS = {
  layers: 64,
  classes: MAX_UNITS,
  labelBytes: 255,
  codebook: 256,
  codeWordBits: 30,
  numberBits: 24,
} as const;

/**
 * A few bytes may stand for millions of weights that are alike. So, where no budget says
 * otherwise, any file may take this much decoding, and more for each of its bytes.
 */
const DECODING = { free: 2 ** 23, perByte: 2 ** 13 };

/** Memory for tables, and what a label and its class's numbers take besides. */
const TABLES = 2 ** 20;
const CLASS_BYTES = 100;

/** Most decisions for a weight of 8 bits, and the step that learns from it. */
const STEPS_PER_WEIGHT = 9;
const STEPS_PER_BYTE = 8;

/** What each is, of a file: "at most 9 weights". */
export const COST_WORDS = {
  bytes: "bytes",
  weights: "weights",
  activations: "numbers in a layer's output",
  decoding: "steps to decode",
  memory: "bytes of memory to run in",
  operations: "operations to classify an image",
} satisfies Record<keyof DramBudget, string>;

/** What is checked, in this order: of several reasons the plainest is given. */
export const COSTS: readonly (keyof DramBudget)[] = [
  "bytes",
  "weights",
  "activations",
  "operations",
  "memory",
  "decoding",
];

/** Numbers of a channel that a window lies over, with those that it leaves out between. */
function reach(
  { size, dilation = 1 }: Pick<ConvolutionFields, "size" | "dilation">,
): number {
  const over = (axis: 0 | 1) =>
    (along(size, axis) - 1) * along(dilation, axis) + 1;
  return over(0) * over(1);
}

/** Bytes of the direct path's own form of a layer's weights, and operations for an image. */
function layerCost(
  { layer, input, output, weights: [kernel] }: LayerShape,
): { held: number; read: number; operations: number } {
  const places = product(output);
  switch (layer.kind) {
    case "conv2d":
    case "dense": {
      // Filters go by fours; a window is looked for and copied once for all of them.
      const filters = kernel[kernel.length - 1];
      const depth = layer.kind === "dense"
        ? kernel[0]
        : reach(layer) * kernel[2];
      const padded = 4 * Math.ceil(filters / 4);
      const windows = places / filters;
      const read = product(input);
      const operations = read + windows * (24 + depth * (1 + padded));
      return { held: 8 * depth * padded, read, operations };
    }
    case "depthwiseConv2d": {
      const size = reach(layer);
      const operations = places * (8 + 4 * size);
      const taps = product(kernel.slice(2));
      return { held: 8 * size * taps, read: 0, operations };
    }
    case "maxPool2d":
    case "averagePool2d":
    case "globalMaxPool2d":
    case "globalAveragePool2d": {
      const size = "size" in layer ? reach(layer) : input[0] * input[1];
      return { held: 4 * size, read: 0, operations: places * (8 + 2 * size) };
    }
    case "residual":
      return { held: 0, read: 0, operations: 3 * places };
    case "flatten":
    case "dropout":
    case "softmax":
      return { held: 0, read: 0, operations: 0 };
    default:
      return layer satisfies never;
  }
}

/** What a file of `bytes` bytes costs at the most that holds a model of `spec`, which must be usable. */
export function measureCost(spec: ModelSpec, bytes: number): DramBudget {
  const layers = shapeLayers(spec);
  let [parameters, held, read, operations, rows] = [0, 0, 0, 0, 1];
  let activations = product(spec.input);
  for (const layer of layers) {
    const cost = layerCost(layer);
    parameters += layer.weights.map(product).reduce((a, b) => a + b, 0);
    held += cost.held;
    read = Math.max(read, cost.read);
    operations += cost.operations;
    activations = Math.max(activations, product(layer.output));
    if (layer.layer.kind === "residual") rows++;
  }
  const classes = countClasses(layers);
  return {
    bytes,
    weights: parameters,
    activations,
    decoding: parameters * STEPS_PER_WEIGHT + bytes * STEPS_PER_BYTE,
    // As symbols, levels and float32; two images between the layers of each row, and
    // what is listed of one.
    memory: TABLES + 8 * parameters + held + 16 * rows * activations +
      28 * read +
      2 * bytes + CLASS_BYTES * classes,
    operations: operations + 16 * classes,
  };
}

function refuse(what: string, most: number, value: number): never {
  throw new RangeError(
    `Cannot use a .dram: it must have at most ${most} ${what}: it has ${value}; use a smaller one, or a larger budget`,
  );
}

/** Throws a `RangeError` where a file of `bytes` bytes is longer than `budget` allows. */
export function checkDramBytes(
  bytes: number,
  { bytes: most = DRAM_BUDGET.bytes }: Partial<DramBudget> = {},
): void {
  if (bytes > most) refuse(COST_WORDS.bytes, most, bytes);
}

/**
 * What {@linkcode measureCost} says, if it is within `budget` ({@linkcode DRAM_BUDGET}
 * for what that leaves out) of a usable `spec`; throws a `RangeError` otherwise.
 * A file whose length isn't known yet may be as long as it likes.
 */
export function checkDramCost(
  spec: ModelSpec,
  { bytes, budget }: { bytes?: number; budget?: Partial<DramBudget> },
): DramBudget {
  const cost = measureCost(spec, bytes ?? 0);
  const decoding = bytes === undefined
    ? DRAM_BUDGET.decoding
    : Math.min(DRAM_BUDGET.decoding, DECODING.free + DECODING.perByte * bytes);
  const most = { ...DRAM_BUDGET, decoding, ...budget };
  for (const what of COSTS) {
    if (cost[what] > most[what]) {
      refuse(COST_WORDS[what], most[what], cost[what]);
    }
  }
  // A dense layer can't have so many, but an image can.
  const classes = countClasses(shapeLayers(spec));
  if (classes > DRAM_LIMITS.classes) {
    refuse("classes", DRAM_LIMITS.classes, classes);
  }
  return cost;
}
