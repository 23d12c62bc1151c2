import { assertEquals, assertThrows } from "@std/assert";
import {
  COMPACT_FAMILIES,
  compactLayers,
  type CompactOptions,
  compactSpec,
} from "../../../core/models/compact.ts";
import { countParameters, modelCost } from "../../../core/models/cost.ts";

const TEXTS: [CompactOptions, string][] = [
  [{ family: "plain", channels: [8] }, "conv3x8,mean"],
  [
    { family: "plain", channels: [4, 6, 8, 10], size: 2 },
    "conv2x4,max2,conv2x6,max2,conv2x8,conv2x10,mean",
  ],
  [
    { family: "plain", channels: [4, 6], size: 5, head: "dense" },
    "conv5x4,max2,conv5x6,max2",
  ],
  [{ family: "pooled", channels: [8, 12] }, "pool2,conv3x8,max2,conv3x12,mean"],
  [
    { family: "strided", channels: [8, 12, 12] },
    "conv3x8/2:same,conv3x12/2:same,conv3x12,mean",
  ],
  [
    { family: "depthwise", channels: [8, 12, 16] },
    "conv3x8,max2,depth3:linear,conv1x12,max2,depth3:linear,conv1x16,mean",
  ],
];

for (const [options, text] of TEXTS) {
  Deno.test(`compactLayers of ${options.family} ${options.channels} is ${text}`, () => {
    assertEquals(compactLayers(options), text);
  });
}

/** The size formula of the doc, by hand. */
function parametersOf(
  family: string,
  channels: number[],
  size: number,
): number {
  let before = 1;
  let sum = 0;
  for (const [index, channel] of channels.entries()) {
    sum += family === "depthwise" && index > 0
      ? (size ** 2 + 1) * before + (before + 1) * channel
      : (size ** 2 * before + 1) * channel;
    before = channel;
  }
  return sum + (before + 1) * 10;
}

for (const family of COMPACT_FAMILIES) {
  Deno.test(`the size formula of ${family} counts what its layers hold`, () => {
    for (const channels of [[4], [8, 12], [6, 5, 7]]) {
      for (const size of [2, 3]) {
        assertEquals(
          countParameters(compactSpec({ family, channels, size })),
          parametersOf(family, channels, size),
        );
      }
    }
  });

  Deno.test(`a model of ${family} with three layers reads MNIST and gives ten logits`, () => {
    for (const head of ["mean", "dense"] as const) {
      const spec = compactSpec({ family, channels: [4, 6, 8], head });
      assertEquals(modelCost(spec).layers.at(-1)?.output, [10]);
      assertEquals(spec.name, `${family}-4-6-8`);
    }
  });
}

for (const channels of [[], [0], [4, 2.5], [NaN], [1e9]]) {
  Deno.test(`compactSpec refuses channels [${channels}]`, () => {
    assertThrows(
      () => compactSpec({ family: "plain", channels }),
      RangeError,
      "channels must be one or more integers",
    );
  });
}

Deno.test("compactSpec refuses windows of no size, and images too small for its layers", () => {
  const options = { family: "plain", channels: [4, 4, 4, 4] } as const;
  assertThrows(
    () => compactSpec({ ...options, channels: [4], size: 0 }),
    RangeError,
    "size must be an integer",
  );
  assertThrows(
    () => compactSpec({ ...options, channels: [4, 4, 4, 4], size: 5 }),
    RangeError,
    "at least 1×1",
  );
});
