import type { FloatArray } from "../../files/safetensors.ts";
import { traceChannels, type TracedLayer } from "./trace_channels.ts";
import type { InputStatistics } from "./observe_inputs.ts";
import type { Weighed } from "./thin_model.ts";

/** By what a filter or a unit is judged. */
export type ImportanceKind = "norm" | "activation";

/** Scores of one layer's filters or units. */
export interface LayerImportance {
  /** Name of the layer. */
  layer: string;
  /** One a filter or unit; the lowest matter least. */
  scores: Float64Array;
}

/** Σ of squares of the kernel's weights of each input, `[inputs]`. */
function inputEnergies({ shape, values }: FloatArray): Float64Array {
  const [inputs, outputs] = shape.slice(-2);
  const energies = new Float64Array(inputs);
  values.forEach((w, i) => energies[Math.floor(i / outputs) % inputs] += w * w);
  return energies;
}

/**
 * Layers with weights that read what `maker` makes: not what a depthwise convolution
 * has made of it.
 */
function listReaders(traced: TracedLayer[], maker: string): TracedLayer[] {
  let changed = false;
  return traced.filter(({ cost, reads, gives }) => {
    const isReader = reads === maker && cost.weights.length > 0 && !changed;
    if (cost.layer.kind === "depthwiseConv2d") changed = gives === maker;
    else if (cost.weights.length > 0 || cost.layer.kind === "residual") {
      changed = false;
    }
    return isReader;
  });
}

function sumEnergies(energies: Float64Array[]): Float64Array {
  return energies.reduce((sum, each) => sum.map((value, i) => value + each[i]));
}

/** Σ of squares of the kernel's weights of each output, `[outputs]`. */
function outputEnergies({ shape, values }: FloatArray): Float64Array {
  const outputs = shape.at(-1) ?? 1;
  const energies = new Float64Array(outputs);
  values.forEach((w, i) => energies[i % outputs] += w * w);
  return energies;
}

/**
 * How much each filter and unit matters to the layer that reads it, for every
 * layer but the last.
 *
 * `norm`: ‖k_j‖·‖w_j‖, the norm of the filter times the norm of what reads it;
 * scaling the one and unscaling the other, which no activation notices, changes
 * nothing. `activation`: √Σ_i Var(a_i)·‖w_i‖² over the features a_i that come from it
 * (one a channel, or one a place where a dense layer reads them): the spread that it
 * gives the reader's sums. What doesn't vary scores 0, since it can be folded into the
 * reader's bias. `statistics` are those of {@linkcode observeInputs}.
 *
 * A depthwise convolution in between is a reader of one weight a place. Throws a
 * `RangeError` where the spec is unusable.
 *
 * Sources: He, Fan, Qian, Tan and Yu, "Reshaping deep neural network for fast
 * decoding by node-pruning", 2014 (norms of what comes in and goes out); Luo, Wu and
 * Lin, "ThiNet", 2017 (a channel is worth what it gives the next layer's sums).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { channelImportance } from "./channel_importance.ts";
 *
 * const spec = { name: "net", input: [1, 1, 1] as const, layers: [
 *   { kind: "flatten" as const, name: "flatten" },
 *   { kind: "dense" as const, name: "hidden", units: 2, activation: "relu" as const },
 *   { kind: "dense" as const, name: "logits", units: 2, activation: "linear" as const },
 *   { kind: "softmax" as const, name: "softmax" },
 * ] };
 * const array = (shape: number[], ...values: number[]) => ({ shape, values: Float32Array.from(values) });
 * const weights = [array([1, 2], 2, 5), array([2], 0, 0), array([2, 2], 3, 4, 0, 1), array([2], 0, 0)];
 * assertEquals(channelImportance({ spec, weights }), [{ layer: "hidden", scores: Float64Array.of(10, 5) }]);
 * ```
 */
export function channelImportance(
  { spec, weights }: Weighed,
  statistics?: InputStatistics[],
): LayerImportance[] {
  const traced = traceChannels(spec, {});
  const weighed = traced.filter(({ cost }) => cost.weights.length > 0);
  return weighed.flatMap(({ cost: { layer }, gives }) => {
    // Other layers hand channels on, or add to them.
    if (gives !== layer.name) return [];
    const own = sumEnergies(
      weighed.filter(({ cost, gives }) =>
        gives === layer.name && cost.layer.kind !== "depthwiseConv2d"
      ).map(({ firstWeight }) => outputEnergies(weights[firstWeight])),
    );
    const channels = own.length;
    const scores = new Float64Array(channels);
    for (const reader of listReaders(traced, layer.name)) {
      const energies = inputEnergies(weights[reader.firstWeight]);
      const observed = statistics?.[weighed.indexOf(reader)];
      energies.forEach((energy, feature) => {
        const channel = feature % channels;
        const spread = observed
          ? Math.max(
            0,
            observed.meanSquare[feature] - observed.mean[feature] ** 2,
          )
          : own[channel];
        scores[channel] += spread * energy;
      });
    }
    return [{ layer: layer.name, scores: scores.map(Math.sqrt) }];
  });
}
