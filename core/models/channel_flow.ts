import { modelCost } from "./cost.ts";
import { product } from "./layers/layer.ts";
import type { LayerSpec, ModelSpec } from "./spec.ts";

/** Whose channels one layer reads, and gives. */
export interface ChannelFlow {
  /** The layer. */
  layer: LayerSpec;
  /** Name of the layer that makes the channels that it reads; none where they have fixed places. */
  reads: string | undefined;
  /** Name of the layer that makes the channels that it gives; none where they have fixed places. */
  gives: string | undefined;
}

/** Channels that are made, left out and exchanged together. */
interface Channels {
  /** The first layer that makes them; none of the images', the classes' and what is added to a flattened image. */
  maker: string | undefined;
  /** Whether each has several numbers in a row. */
  spread: boolean;
  /** What they have become one with. */
  joined?: Channels;
}

function rootOf(channels: Channels): Channels {
  return channels.joined ? rootOf(channels.joined) : channels;
}

/**
 * Follows channels through the layers of `spec`, in the order of `modelCost`: each
 * convolution and dense layer makes its own, a residual layer adds what the last one
 * that it holds makes to what it reads, so that those are one; all others hand on what
 * they read.
 *
 * Of a depthwise convolution that makes several channels of each, those that it reads and
 * those that it gives have fixed places.
 *
 * Channels of one maker may be left out or change places together: nothing else in the
 * model tells them apart. Those of the images and of the classes may not, nor those that
 * something is added to once they are flattened, nor those that a layer has shifts of their
 * own for.
 *
 * Throws what `modelCost` throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { followChannels } from "./channel_flow.ts";
 * import { parseLayers } from "./parse_layers.ts";
 *
 * const spec = parseLayers("conv3x4,res(conv3x8:same,conv3x4:same:linear),mean");
 * const flows = followChannels(spec).map(({ layer, gives }) => [layer.name, gives]);
 * assertEquals(flows.slice(0, 4), [
 *   ["conv1", "conv1"],
 *   ["conv2", "conv2"],
 *   ["conv3", "conv1"], // added to what conv1 made
 *   ["res1", "conv1"],
 * ]);
 * ```
 */
export function followChannels(spec: ModelSpec): ChannelFlow[] {
  const { layers: costs } = modelCost(spec);
  const flows: [layer: LayerSpec, reads: Channels, gives: Channels][] = [];
  const follow = (layers: readonly LayerSpec[], from: Channels): Channels => {
    for (const layer of layers) {
      const read = from;
      if (layer.kind === "conv2d" || layer.kind === "dense") {
        from = { maker: layer.name, spread: false };
      } else if (
        layer.kind === "depthwiseConv2d" && (layer.multiplier ?? 1) > 1
      ) {
        // Several channels of each: they and it stay where they are.
        rootOf(read).maker = undefined;
        from = { maker: undefined, spread: false };
      } else if (layer.kind === "flatten") {
        const { input } = costs[flows.length];
        const several = product(input.slice(0, -1)) > 1;
        if (several) from = { maker: undefined, spread: true, joined: read };
      } else if (layer.kind === "residual") {
        join(follow(layer.layers, from), from);
      }
      // A shift a channel tells channels apart.
      if ("shift" in layer && typeof layer.shift === "object") {
        rootOf(from).maker = undefined;
      }
      flows.push([layer, read, from]);
    }
    return from;
  };
  const classes = follow(spec.layers, { maker: undefined, spread: false });
  rootOf(classes).maker = undefined;
  return flows.map(([layer, reads, gives]) => ({
    layer,
    reads: rootOf(reads).maker,
    gives: rootOf(gives).maker,
  }));
}

/** What a residual layer adds, and what it adds it to, are the same channels from now on. */
function join(added: Channels, to: Channels): void {
  const [one, other] = [rootOf(added), rootOf(to)];
  if (one === other) return;
  one.joined = other;
  if (added.spread || to.spread) other.maker = undefined;
  if (one.maker === undefined) other.maker = undefined;
}
