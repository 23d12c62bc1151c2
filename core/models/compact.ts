import { parseLayers } from "./parse_layers.ts";
import { MAX_UNITS, type ModelSpec } from "./spec.ts";

/** How a compact student gets from 28×28 pixels to few numbers. */
export type CompactFamily = "plain" | "pooled" | "strided" | "depthwise";

/** All of them, the plainest first. */
export const COMPACT_FAMILIES: CompactFamily[] = [
  "plain",
  "pooled",
  "strided",
  "depthwise",
];

/** What makes one compact student differ from another. */
export interface CompactOptions {
  /** How images shrink. */
  family: CompactFamily;
  /** Channels after each convolution, one or more. */
  channels: number[];
  /** Rows and columns of a window; 3 unless given. */
  size?: number;
  /** What logits are computed from: each channel's mean, unless given, or every pixel. */
  head?: "mean" | "dense";
}

/** How often images shrink after a convolution, at the most. */
const SHRINKS = 2;

/** The words of `parseLayers` for the convolutions of a family. */
const BODIES: Record<
  CompactFamily,
  (options: { channels: number[]; size: number; last: number }) => string[]
> = {
  plain: ({ channels, size, last }) =>
    channels.flatMap((channel, index) => [
      `conv${size}x${channel}`,
      ...(index < SHRINKS && index < last ? ["max2"] : []),
    ]),
  pooled: ({ channels, size, last }) => [
    "pool2",
    ...channels.flatMap((channel, index) => [
      `conv${size}x${channel}`,
      ...(index < SHRINKS - 1 && index < last ? ["max2"] : []),
    ]),
  ],
  strided: ({ channels, size }) =>
    channels.map((channel, index) =>
      `conv${size}x${channel}${index < SHRINKS ? "/2:same" : ""}`
    ),
  depthwise: ({ channels, size, last }) =>
    channels.flatMap((channel, index) => [
      ...(index === 0
        ? [`conv${size}x${channel}`]
        : [`depth${size}:linear`, `conv1x${channel}`]),
      ...(index < SHRINKS && index < last ? ["max2"] : []),
    ]),
};

function refuse(rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot make a compact model: ${rule}: current value is ${value}`,
  );
}

/**
 * The layers of a compact convolutional student as the text that `parseLayers`
 * reads, where a user may go on changing them. With channels c₁ … cₙ, windows of
 * k×k and c₀ = 1:
 *
 * - **plain**: convolutions, 2×2 max-pooling after the first two of them.
 * - **pooled**: 28×28 averaged to 14×14 first, then convolutions, max-pooling after
 *   the first.
 * - **strided**: the first two convolutions move by 2, padded; no pooling.
 * - **depthwise**: one convolution, then for each further entry a linear k×k
 *   depthwise convolution and a 1×1 one; pooling as in plain (Howard et al.,
 *   "MobileNets", 2017).
 *
 * Parameters of the first three: Σᵢ (k²·cᵢ₋₁ + 1)·cᵢ; of depthwise:
 * (k² + 1)·c₁ + Σᵢ≥₂ (k² + 1)·cᵢ₋₁ + (cᵢ₋₁ + 1)·cᵢ. The head adds (cₙ + 1)·10 for
 * means (Lin et al., "Network in network", 2014), (h·w·cₙ + 1)·10 for dense.
 * Pooling follows the last convolution only where the head is dense.
 *
 * Throws a `RangeError` where channels or size are no positive integers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compactLayers } from "./compact.ts";
 *
 * const text = compactLayers({ family: "pooled", channels: [8, 12, 12] });
 * assertEquals(text, "pool2,conv3x8,max2,conv3x12,conv3x12,mean");
 * ```
 */
export function compactLayers(
  { family, channels, size = 3, head = "mean" }: CompactOptions,
): string {
  const usable = (count: number) =>
    Number.isInteger(count) && count >= 1 && count <= MAX_UNITS;
  if (channels.length === 0 || !channels.every(usable)) {
    refuse(
      `channels must be one or more integers from 1 to ${MAX_UNITS}`,
      `[${channels}]`,
    );
  }
  if (!usable(size)) {
    refuse(`size must be an integer from 1 to ${MAX_UNITS}`, size);
  }
  const last = head === "dense" ? channels.length : channels.length - 1;
  const words = BODIES[family]({ channels, size, last });
  return [...words, ...(head === "mean" ? ["mean"] : [])].join(",");
}

/**
 * A compact convolutional student for 28×28 images and 10 classes:
 * `[n, 28, 28, 1]` → `[n, 10]`. Layers and size are told at
 * {@linkcode compactLayers}.
 *
 * Throws a `RangeError` where a count is out of range, or images get too small
 * for so many layers.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compactSpec } from "./compact.ts";
 * import { countParameters } from "./cost.ts";
 *
 * const spec = compactSpec({ family: "plain", channels: [8, 12, 12] });
 * assertEquals(countParameters(spec), 10 * 8 + 73 * 12 + 109 * 12 + 13 * 10);
 * ```
 */
export function compactSpec(options: CompactOptions): ModelSpec {
  const name = `${options.family}-${options.channels.join("-")}`;
  return parseLayers(compactLayers(options), { name });
}
