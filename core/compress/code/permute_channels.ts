import { channelCount } from "../../infer/channel_count.ts";
import type { EncodedTensor } from "../../infer/encoded_tensor.ts";

/** Where a tensor's channels lie: i-th of `count`, in `outer` groups, of `inner` weights each. */
export interface ChannelAxis {
  outer: number;
  inner: number;
}

/** `values` with their channels in `order`: the i-th is what the order[i]-th was. */
function permute<Values extends Float32Array | Int8Array | Uint8Array>(
  values: Values,
  order: number[],
  { outer, inner }: ChannelAxis,
): Values {
  const permuted = values.slice() as Values;
  for (let group = 0; group < outer; group++) {
    const start = group * order.length * inner;
    order.forEach((from, to) => {
      const part = values.subarray(
        start + from * inner,
        start + (from + 1) * inner,
      );
      permuted.set(part, start + to * inner);
    });
  }
  return permuted;
}

/**
 * `tensor` with its channels along `axis` in `order`, and its scales with them,
 * where it has one for each of those channels.
 */
export function permuteChannels<Tensor extends EncodedTensor>(
  tensor: Tensor,
  order: number[],
  axis: ChannelAxis,
): EncodedTensor {
  switch (tensor.kind) {
    case "float":
      return { ...tensor, values: permute(tensor.values, order, axis) };
    case "codebook":
      return { ...tensor, indices: permute(tensor.indices, order, axis) };
    case "uniform": {
      const { shape, levels, scale } = tensor;
      // A scale belongs to the weights of place i mod channels.
      const scaled = scale.length > 1 && axis.inner === 1 &&
        order.length === channelCount(shape);
      return {
        ...tensor,
        levels: permute(levels, order, axis),
        scale: scaled ? permute(scale, order, { outer: 1, inner: 1 }) : scale,
      };
    }
  }
}
