import { type LayerCost, modelCost } from "../../models/cost.ts";
import type { ModelSpec } from "../../models/spec.ts";

/** Filters and units that stay: ascending indices by the name of their layer. */
export type Keep = Readonly<Record<string, readonly number[]>>;

/** One layer, with what of its input and output stays. */
export interface TracedLayer {
  /** The layer and its shapes before anything is taken away. */
  cost: LayerCost;
  /** Where its weights begin in the model's list. */
  firstWeight: number;
  /** Indices of the last axis of its input that stay. */
  inputs: readonly number[];
  /** Indices of the last axis of its output that stay. */
  outputs: readonly number[];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function refuse(spec: ModelSpec, rule: string, value: unknown): never {
  throw new RangeError(`Cannot thin ${spec.name}: ${rule}: it is ${value}`);
}

/** Throws unless `kept` are some of `count` channels, ascending. */
function checkKept(
  spec: ModelSpec,
  name: string,
  kept: readonly number[],
  count: number,
): void {
  const ascending = kept.every((index, place) =>
    Number.isInteger(index) && index < count &&
    index > (place === 0 ? -1 : kept[place - 1])
  );
  if (kept.length === 0 || !ascending) {
    refuse(
      spec,
      `what stays of layer ${name} must be ascending integers from 0 to ${
        count - 1
      }, one at least`,
      `[${kept.join(", ")}]`,
    );
  }
}

/** Throws unless `keep` names layers that have filters or units of their own, the last excepted. */
function checkNames(spec: ModelSpec, keep: Keep): void {
  const own = spec.layers.filter(({ kind }) =>
    kind === "conv2d" || kind === "dense"
  );
  const names = own.slice(0, -1).map(({ name }) => name);
  for (const name of Object.keys(keep)) {
    if (!names.includes(name)) {
      refuse(
        spec,
        `a layer to thin must be one of ${names.join(", ")}`,
        name,
      );
    }
  }
}

/**
 * Follows the channels that `keep` leaves through the layers of `spec`:
 * convolutions and dense layers choose their own, a flattening spreads those of
 * each place, all others hand on what they read.
 *
 * Layers that `keep` doesn't name stay whole; the last, which gives the logits, can't be
 * named. Throws a `RangeError` for a layer or an index that there isn't.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { studentSpec } from "../../models/student.ts";
 * import { traceChannels } from "./trace_channels.ts";
 *
 * const traced = traceChannels(studentSpec({ hidden: 6 }), { conv2: [3, 5] });
 * const hidden = traced.find(({ cost }) => cost.layer.name === "hidden");
 * assertEquals(hidden?.inputs.slice(0, 3), [3, 5, 64 + 3]);
 * assertEquals(hidden?.inputs.length, 144 * 2);
 * ```
 */
export function traceChannels(spec: ModelSpec, keep: Keep): TracedLayer[] {
  checkNames(spec, keep);
  let shape: readonly number[] = spec.input;
  let inputs: readonly number[] = range(spec.input[2]);
  let firstWeight = 0;
  return modelCost(spec).layers.map((cost): TracedLayer => {
    const { layer, output, weights } = cost;
    const channels = output.at(-1) ?? 0;
    let outputs = inputs;
    if (layer.kind === "conv2d" || layer.kind === "dense") {
      outputs = keep[layer.name] ?? range(channels);
      checkKept(spec, layer.name, outputs, channels);
    } else if (layer.kind === "flatten") {
      const depth = shape.at(-1) ?? 1;
      const read = inputs;
      outputs = range(channels / depth)
        .flatMap((place) => read.map((channel) => place * depth + channel));
    }
    const traced = { cost, firstWeight, inputs, outputs };
    shape = output;
    inputs = outputs;
    firstWeight += weights.length;
    return traced;
  });
}
