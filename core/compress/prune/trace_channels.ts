import { followChannels } from "../../models/channel_flow.ts";
import { type LayerCost, modelCost } from "../../models/cost.ts";
import type { ModelSpec } from "../../models/spec.ts";

/** Filters and units that stay: ascending indices by the name of the layer that makes them. */
export type Keep = Readonly<Record<string, readonly number[]>>;

/** One layer, with what of its input and output stays. */
export interface TracedLayer {
  /** The layer and its shapes before anything is taken away. */
  cost: LayerCost;
  /** Where its weights begin in the model's list. */
  firstWeight: number;
  /** Name of the layer that makes what it reads, where that can be thinned: see `followChannels`. */
  reads: string | undefined;
  /** Name of the layer that makes what it gives, where that can be thinned. */
  gives: string | undefined;
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

/** Throws unless `keep` names layers that make channels which may be left out. */
function checkNames(
  spec: ModelSpec,
  keep: Keep,
  makers: (string | undefined)[],
): void {
  const names = [...new Set(makers)].filter((name) => name !== undefined);
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
 * each place, all others hand on what they read. What a residual layer adds keeps the
 * channels of what it is added to.
 *
 * Layers that `keep` doesn't name stay whole; the last, which gives the logits, can't be
 * named, nor one whose output is added to another's: that one decides. Throws a `RangeError` for a layer or an index that there isn't.
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
  const flows = followChannels(spec);
  checkNames(spec, keep, flows.map(({ gives }) => gives));
  const widths = new Map(
    modelCost(spec).layers.map(({ layer, output }) =>
      [layer.name, output[output.length - 1]] as const
    ),
  );
  for (const [name, kept] of Object.entries(keep)) {
    checkKept(spec, name, kept, widths.get(name) ?? 0);
  }
  /** What stays of a last axis of `extent`: all places of each channel that does. */
  const listKept = (maker: string | undefined, extent: number) => {
    const kept = maker === undefined ? undefined : keep[maker];
    if (maker === undefined || !kept) return range(extent);
    const width = widths.get(maker) ?? extent;
    return range(extent / width)
      .flatMap((place) => kept.map((channel) => place * width + channel));
  };
  let firstWeight = 0;
  return modelCost(spec).layers.map((cost, index): TracedLayer => {
    const { reads, gives } = flows[index];
    const traced = {
      cost,
      firstWeight,
      reads,
      gives,
      inputs: listKept(reads, cost.input[cost.input.length - 1]),
      outputs: listKept(gives, cost.output[cost.output.length - 1]),
    };
    firstWeight += cost.weights.length;
    return traced;
  });
}
