import { foldConstants } from "./fold_constants.ts";
import type { InputStatistics } from "./observe_inputs.ts";
import { countUsed, type MaskedModel } from "./masked_model.ts";
import { thinMasked } from "./thin_masked.ts";
import { type Keep, traceChannels } from "./trace_channels.ts";

/** What exact pruning has found in one layer. */
export interface FreeLayer {
  /** Its name. */
  layer: string;
  /** Inputs (features, or channels of a convolution) that never change. */
  constants: number;
  /** Those of them that are always 0. */
  zeros: number;
  /** Weights that read them, folded into the bias. */
  weights: number;
  /** Filters or units of the layer that nothing reads any more, removed. */
  units: number;
}

/** A model that computes the same with fewer weights. */
export interface ExactPruning {
  /** The smaller model. */
  model: MaskedModel;
  /** What was free, layer by layer. */
  free: FreeLayer[];
  /** Numbers that are gone or 0 for good, those of removed units included. */
  freed: number;
}

/** Spread of an input, against the layer's largest, that is taken for rounding. */
const ROUNDING = 1e-6;

/** c_i where input i never changes, NaN where it does. */
function findConstants({ min, max }: InputStatistics): Float32Array {
  const largest = max.reduce(
    (most, value, i) => Math.max(most, Math.abs(value), Math.abs(min[i])),
    0,
  );
  return max.map((value, i) =>
    value - min[i] <= ROUNDING * largest ? (value + min[i]) / 2 : NaN
  );
}

/** Filters and units that something still reads, by layer. */
function findReadChannels({ spec, masks }: MaskedModel): Keep {
  const weighed = traceChannels(spec, {})
    .filter(({ cost }) => cost.weights.length > 0);
  const keep: Record<string, number[]> = {};
  for (const { cost, gives } of weighed) {
    const { layer: { name }, output } = cost;
    if (gives !== name) continue;
    const readers = weighed.filter(({ reads }) => reads === name);
    // A depthwise reader that is masked still hands its bias on.
    if (readers.some(({ cost }) => cost.layer.kind === "depthwiseConv2d")) {
      continue;
    }
    const channels = output[output.length - 1];
    const read = new Uint8Array(channels);
    for (const { cost, firstWeight } of readers) {
      const [inputs, outputs] = cost.weights[0].slice(-2);
      masks[firstWeight].forEach((kept, i) => {
        if (kept) read[(Math.floor(i / outputs) % inputs) % channels] = 1;
      });
    }
    const kept = [...read.keys()].filter((channel) => read[channel]);
    // A layer must have an output, even one that nothing reads.
    keep[name] = kept.length > 0 ? kept : [0];
  }
  return keep;
}

/**
 * Prunes what costs nothing: every weight whose input is one constant c over all
 * images that `statistics` were taken of gives its reader c·w whatever the image,
 * so c·w goes into the bias and the weight to 0; a filter or unit that nothing
 * reads any more is removed. The blank border of images is the case c = 0; units
 * that are dead, or always on at one value, are others.
 *
 * The outputs for those images stay what they were, up to the rounding of sums. An input
 * that changes by a millionth of the layer's largest counts as constant: what
 * Winograd's convolution leaves of equal sums.
 *
 * `statistics` are {@linkcode observeInputs}' of this very model. Throws a `RangeError`
 * where its spec is unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBars, makeBarsTeacher } from "../../../tests/core/bars.ts";
 * import { withoutMasks } from "./masked_model.ts";
 * import { observeInputs } from "./observe_inputs.ts";
 * import { pruneExactly } from "./prune_exactly.ts";
 *
 * const model = withoutMasks(await makeBarsTeacher());
 * const { free } = pruneExactly(model, await observeInputs(model, makeBars().train));
 * assertEquals(free.map(({ layer }) => layer), ["conv1", "conv2", "dense1", "logits"]);
 * ```
 */
export function pruneExactly(
  model: MaskedModel,
  statistics: InputStatistics[],
): ExactPruning {
  const { spec } = model;
  const before = countUsed(model);
  const weights = model.weights.slice();
  const masks = model.masks.slice();
  const weighed = traceChannels(spec, {})
    .filter(({ cost }) => cost.weights.length > 0);
  const folded = weighed.map(({ cost, firstWeight }, index) => {
    const constants = findConstants(statistics[index]);
    const { kernel, bias, mask } = foldConstants(cost.layer, {
      kernel: weights[firstWeight],
      bias: weights[firstWeight + 1],
      mask: masks[firstWeight],
    }, constants);
    const used = masks[firstWeight].reduce((a, b) => a + b, 0);
    weights[firstWeight] = kernel;
    weights[firstWeight + 1] = bias;
    masks[firstWeight] = mask;
    return {
      layer: cost.layer.name,
      constants: constants.filter((c) => !Number.isNaN(c)).length,
      zeros: constants.filter((c) => c === 0).length,
      weights: used - mask.reduce((a, b) => a + b, 0),
    };
  });
  const masked = { spec, weights, masks };
  const keep = findReadChannels(masked);
  const thinned = thinMasked(masked, keep);
  const free = folded.map((layer, index): FreeLayer => {
    const { cost, gives = "" } = weighed[index];
    const all = cost.output[cost.output.length - 1];
    const own = cost.layer.kind !== "depthwiseConv2d";
    const kept = own && keep[gives] ? keep[gives].length : all;
    return { ...layer, units: all - kept };
  });
  return { model: thinned, free, freed: before - countUsed(thinned) };
}
