import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { followChannels } from "../../models/channel_flow.ts";
import { modelCost } from "../../models/cost.ts";
import { product } from "../../models/layers/layer.ts";
import type { ChannelAxis } from "./permute_channels.ts";

/** Tensors whose channels change places together. */
export interface ChannelGroup {
  /** Every tensor with these channels, and where they lie in it. */
  members: { tensor: number; axis: ChannelAxis }[];
  /** Those of them that are biases. */
  biases: number[];
  /** How many channels there are. */
  channels: number;
}

const LAST: ChannelAxis = { outer: 1, inner: 1 };

/**
 * The groups of hidden channels of a model, from its first layer on. Channels of one
 * group may change places, together, without a change to what the model computes.
 */
export function listChannelGroups({ spec }: EncodedModel): ChannelGroup[] {
  const groups = new Map<string, ChannelGroup>();
  const flows = followChannels(spec);
  let tensor = 0;
  for (const [index, cost] of modelCost(spec).layers.entries()) {
    const { layer, output, weights } = cost;
    if (weights.length === 0) continue;
    const { reads = "", gives = "" } = flows[index];
    const [kernel, bias] = [tensor, tensor + 1];
    tensor += weights.length;
    const read = groups.get(reads);
    const outputs = output[output.length - 1];
    if (layer.kind === "depthwiseConv2d") {
      if (!read) continue;
      const [rows, columns] = weights[0];
      const axis = { outer: rows * columns, inner: 1 };
      read.members.push({ tensor: kernel, axis }, { tensor: bias, axis: LAST });
      read.biases.push(bias);
      continue;
    }
    const inputs = product(weights[0]) / outputs;
    if (read) {
      const outer = inputs / read.channels;
      read.members.push({ tensor: kernel, axis: { outer, inner: outputs } });
    }
    if (gives === "") continue;
    const given = groups.get(gives) ??
      { members: [], biases: [], channels: outputs };
    groups.set(gives, given);
    given.members.push(
      { tensor: kernel, axis: { outer: inputs, inner: 1 } },
      { tensor: bias, axis: LAST },
    );
    given.biases.push(bias);
  }
  return [...groups.values()];
}
