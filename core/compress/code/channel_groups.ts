import type { EncodedModel } from "../../infer/encoded_tensor.ts";
import { modelCost } from "../../models/cost.ts";
import type { ChannelAxis } from "./permute_channels.ts";

/** Tensors whose channels change places together. */
export interface ChannelGroup {
  /** Every tensor with these channels, and where they lie in it. */
  members: { tensor: number; axis: ChannelAxis }[];
  /** Those of them that are biases. */
  biases: number[];
  /** Windows that a flattened image has of each channel. */
  windows: number;
}

const LAST: ChannelAxis = { outer: 1, inner: 1 };

/**
 * The groups of hidden channels of a model, from its first layer on. Channels of one
 * group may change places, together, without a change to what the model computes.
 */
export function listChannelGroups({ spec }: EncodedModel): ChannelGroup[] {
  const groups: ChannelGroup[] = [];
  let open: ChannelGroup | undefined;
  let input: readonly number[] = spec.input;
  let tensor = 0;
  for (const { layer, output, weights } of modelCost(spec).layers) {
    const [shape = []] = weights;
    const [kernel, bias] = [tensor, tensor + 1];
    tensor += weights.length;
    if (layer.kind === "flatten" && open && input.length === 3) {
      open.windows = input[0] * input[1];
    }
    if (layer.kind === "depthwiseConv2d" && open) {
      const axis = { outer: layer.size ** 2, inner: 1 };
      open.members.push({ tensor: kernel, axis });
      open.members.push({ tensor: bias, axis: LAST });
      open.biases.push(bias);
    }
    if (layer.kind === "conv2d" || layer.kind === "dense") {
      const outputs = shape[shape.length - 1];
      const fields = layer.kind === "conv2d" ? layer.size ** 2 : open?.windows;
      const axis = { outer: fields ?? 1, inner: outputs };
      open?.members.push({ tensor: kernel, axis });
      const inputs = shape.reduce((total, extent) => total * extent, 1) /
        outputs;
      open = {
        members: [
          { tensor: kernel, axis: { outer: inputs, inner: 1 } },
          { tensor: bias, axis: LAST },
        ],
        biases: [bias],
        windows: 1,
      };
      groups.push(open);
    }
    input = output;
  }
  // The last layer's channels are the classes: they stay where they are.
  return groups.slice(0, -1);
}
