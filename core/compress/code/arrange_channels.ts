import type {
  EncodedModel,
  EncodedTensor,
} from "../../infer/encoded_tensor.ts";
import type { Geometry } from "../../infer/stream/code_levels.ts";
import { LevelModel } from "../../infer/stream/level_model.ts";
import { tensorGeometries } from "../../infer/stream/tensor_geometries.ts";
import { randomStream } from "../../random/stream.ts";
import { canonicalTensor } from "./canonical_tensor.ts";
import { type ChannelGroup, listChannelGroups } from "./channel_groups.ts";
import { encodeDram } from "./encode_dram.ts";
import {
  learnTensor,
  measureTensor,
  symbolTensorOf,
} from "./measure_tensor.ts";
import { biasOrder, reorderGroup, sortChannels } from "./sort_channels.ts";

/** What a search for an order may take. */
export interface ArrangeOptions {
  /** Orders tried for each group of channels, from each of two starts. */
  tries?: number;
}

/** Weights of all tensors that are measured for one group. */
const MOST_WEIGHTS = 2e6;

/** What the model has learnt before each tensor. */
function learntBefore(
  tensors: EncodedTensor[],
  geometries: Geometry[],
): LevelModel[] {
  const model = new LevelModel();
  return tensors.map((tensor, index) => {
    const before = model.clone();
    learnTensor(symbolTensorOf(tensor, geometries[index]), model);
    return before;
  });
}

/** Exchanges two channels again and again, and keeps what takes fewer bits. */
function climb(
  group: ChannelGroup,
  { tensors, measure, tries, seed }: {
    tensors: EncodedTensor[];
    measure: (tensors: EncodedTensor[]) => number;
    tries: number;
    seed: number;
  },
): { tensors: EncodedTensor[]; bits: number } {
  const random = randomStream(seed, "arrange");
  const [bias] = group.biases;
  const channels = tensors[bias].shape[0];
  let best = { tensors, bits: measure(tensors) };
  for (let attempt = 0; attempt < tries && channels > 1; attempt++) {
    const [one, other] = [random.below(channels), random.below(channels)];
    if (one === other) continue;
    const order = Array.from({ length: channels }, (_, channel) => channel);
    [order[one], order[other]] = [other, one];
    const changed = reorderGroup(group, best.tensors, order);
    const bits = measure(changed);
    if (bits < best.bits) best = { tensors: changed, bits };
  }
  return best;
}

/**
 * The same model with its hidden channels in an order that takes fewer bytes: by
 * their biases, as `sortChannels` has them, or so that neighbours resemble each
 * other; found by exchanging channels, `tries` times (1,000 unless given, fewer in
 * large models) from both starts, and always the same for the same model.
 *
 * What the model computes stays the same but for rounding. The file never gets
 * larger. Throws what {@linkcode encodeDram} throws.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { smallModel } from "../../../tests/core/infer/small_model.ts";
 * import { arrangeChannels } from "./arrange_channels.ts";
 * import { encodeDram } from "./encode_dram.ts";
 * import { sortChannels } from "./sort_channels.ts";
 *
 * const model = smallModel(5);
 * const arranged = encodeDram(arrangeChannels(model, { tries: 30 })).length;
 * assert(arranged <= encodeDram(sortChannels(model)).length);
 * ```
 */
export function arrangeChannels(
  model: EncodedModel,
  { tries = 1000 }: ArrangeOptions = {},
): EncodedModel {
  const geometries = tensorGeometries(model.spec);
  let tensors = model.tensors.map(canonicalTensor);
  listChannelGroups(model).forEach((group, seed) => {
    const learnt = learntBefore(tensors, geometries);
    const members = group.members.map(({ tensor }) => tensor);
    const measure = (changed: EncodedTensor[]) =>
      members.reduce((bits, index) => {
        const tensor = symbolTensorOf(changed[index], geometries[index]);
        return bits + measureTensor(tensor, learnt[index]);
      }, 0);
    const weights = members.reduce(
      (total, index) => total + tensors[index].shape.reduce((a, b) => a * b),
      0,
    );
    const order = biasOrder(group, tensors);
    const starts = [tensors];
    if (order) starts.push(reorderGroup(group, tensors, order));
    const found = starts.map((start) =>
      climb(group, {
        tensors: start,
        measure,
        tries: Math.min(tries, Math.floor(MOST_WEIGHTS / weights)),
        seed,
      })
    );
    const [best] = found.sort((a, b) => a.bits - b.bits);
    tensors = best.tensors;
  });
  const candidates = [model, sortChannels(model), { ...model, tensors }];
  const lengths = candidates.map((each) => encodeDram(each).length);
  return candidates[lengths.lastIndexOf(Math.min(...lengths))];
}
