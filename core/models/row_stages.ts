import {
  filterSize,
  outputOf,
  runOf,
  type Stage,
} from "../kernels/row_gradient/op.ts";
import { pairOf } from "./layers/layer.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** Windows of one pool: more don't fit into registers. */
const MOST_POOLED = 12;
/** Numbers in a row of a window above which the text of a kernel would get too long. */
const LONGEST_RUN = 128;
/** Numbers of a filter above which it leaves the first-level cache, image by image. */
const LARGEST_FILTER = 6144;

type Extents = Stage["input"];

function activationOf(
  { activation }: { activation: string },
): Stage["activation"] | undefined {
  return activation === "linear" || activation === "relu"
    ? activation
    : undefined;
}

/** The stage of a convolution of images of `input`, without a pool; undefined where it is unusual. */
function convolutionStage(
  layer: LayerSpec<"conv2d">,
  input: Extents,
): Stage | undefined {
  const { size, stride = 1, padding = "valid", dilation = 1, filters } = layer;
  const activation = activationOf(layer);
  if (!activation || padding !== "valid" || `${pairOf(dilation)}` !== "1,1") {
    return undefined;
  }
  return {
    input,
    window: pairOf(size),
    strides: pairOf(stride),
    filters,
    activation,
    pool: [1, 1],
  };
}

/** Windows of a max-pooling layer, side by side and without a frame. */
function poolOf(
  { size, stride = size, padding = "valid" }: LayerSpec<"maxPool2d">,
): Stage["pool"] | undefined {
  const alike = `${pairOf(size)}` === `${pairOf(stride)}`;
  return alike && padding === "valid" ? pairOf(size) : undefined;
}

function suits(stage: Stage): boolean {
  return stage.pool[0] * stage.pool[1] <= MOST_POOLED &&
    runOf(stage) <= LONGEST_RUN && filterSize(stage) <= LARGEST_FILTER;
}

/**
 * The stages that `rowGradient` of core/kernels feeds images through for the model of
 * `spec`; undefined where it has other layers than small convolutions with a relu or
 * nothing behind them, their pools, and small dense ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLayers } from "./parse_layers.ts";
 * import { rowStages } from "./row_stages.ts";
 *
 * const stages = rowStages(parseLayers("conv5x4/2,max2"));
 * assertEquals(stages?.map(({ filters, pool }) => [filters, pool]), [[4, [2, 2]], [10, [1, 1]]]);
 * assertEquals(rowStages(parseLayers("conv5x4/2,mean")), undefined);
 * ```
 */
export function rowStages({ layers, input }: ModelSpec): Stage[] | undefined {
  const stages: Stage[] = [];
  let now: Extents = [input[0], input[1], input[2]];
  let poolable = false;
  for (const layer of layers) {
    switch (layer.kind) {
      case "conv2d": {
        const stage = convolutionStage(layer, now);
        if (!stage) return undefined;
        stages.push(stage);
        poolable = true;
        break;
      }
      case "maxPool2d": {
        const pool = poolOf(layer);
        const stage = stages.pop();
        if (!poolable || !pool || !stage) return undefined;
        stages.push({ ...stage, pool });
        poolable = false;
        break;
      }
      case "dense": {
        const activation = activationOf(layer);
        if (!activation) return undefined;
        // What is too long in a row is read as the image that it is, row by row.
        const numbers = now[0] * now[1] * now[2];
        const input: Extents = stages.length > 0 && numbers > LONGEST_RUN
          ? now
          : [1, 1, numbers];
        stages.push({
          input,
          window: [input[0], input[1]],
          strides: [1, 1],
          filters: layer.units,
          activation,
          pool: [1, 1],
        });
        poolable = false;
        break;
      }
      case "flatten":
        poolable = false;
        break;
      case "softmax":
        break;
      default:
        // What has no such stage, a kind that is to come among them, goes the other way.
        return undefined;
    }
    const last = stages.at(-1);
    if (last) now = outputOf(last);
  }
  const ends = now[0] * now[1] === 1 && stages.length > 0;
  return ends && stages.every(suits) ? stages : undefined;
}
