import { assertAlmostEquals, assertEquals } from "@std/assert";
import { useWasm } from "../../../core/device/wasm.ts";
import { hasKernel } from "../../../core/kernels/kernel.ts";
import { packTerms } from "../../../core/kernels/mixed_loss/op.ts";
import {
  rowGradient,
  rowGradientKernel,
  type Stage,
} from "../../../core/kernels/row_gradient/op.ts";
import { packWords } from "../../../core/kernels/unpack_pixels/op.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { rowStages } from "../../../core/models/row_stages.ts";
import * as tf from "../../../core/tf.ts";
import golden from "../../golden/rows.json" with { type: "json" };

/** A stage in a few words: what it is, and what it makes of what it reads. */
function tell(stage: Stage): string {
  const { kind, input, window, strides } = stage;
  const parts = [kind, `${input.join("x")}`, `by ${window.join("x")}`];
  if (`${strides}` !== "1,1") parts.push(`/${strides.join("x")}`);
  if ("frame" in stage && stage.frame.some((zeros) => zeros > 0)) {
    parts.push(`in ${stage.frame.join(" ")}`);
  }
  const places = window[0] * window[1];
  const plain = stage.kind === "mean" && stage.factor * places === 1;
  if ("activation" in stage && !plain) {
    const { below, most, rounds } = stage.activation;
    parts.push(
      `${below}${most === Infinity ? "" : ` to ${most}`}${
        rounds ? " rounded" : ""
      }`,
    );
  }
  if (stage.kind === "depthwise" && stage.multiplier > 1) {
    parts.push(`to ${stage.multiplier} each`);
  }
  if (stage.kind === "sum") parts.push(`back ${stage.back}`);
  if (stage.kind === "mean" && !plain) parts.push(`times ${stage.factor}`);
  if (stage.kind === "convolution") {
    parts.push(`to ${stage.filters}`);
    if (`${stage.pool}` !== "1,1") parts.push(`max ${stage.pool.join("x")}`);
  }
  return parts.join(" ");
}

/** Layers, and the stages that stand for them before the last, of 10 logits. */
const ROWS: Record<string, string[]> = {
  "conv5x4/2,max2": ["convolution 28x28x1 by 5x5 /2x2 0 to 4 max 2x2"],
  "conv3x4:leaky,max3x2": [
    "convolution 28x28x1 by 3x3 0.125 to 4 max 3x2",
  ],
  "conv3x4/3:leaky0.2,conv3x6:relu6,max2": [
    "convolution 28x28x1 by 3x3 /3x3 0.2 to 4",
    "convolution 9x9x4 by 3x3 0 to 6 to 6 max 2x2",
  ],
  "conv5x4/2:same:linear,max2,conv3x5:pad0x1x2x0,max2": [
    "convolution 28x28x1 by 5x5 /2x2 in 1 2 1 2 1 to 4 max 2x2",
    "convolution 7x7x4 by 3x3 in 0 1 2 0 0 to 5 max 2x2",
  ],
  "pool2,conv3x6,max2,depth3/2:same,conv1x8,mean": [
    "mean 28x28x1 by 2x2 /2x2",
    "convolution 14x14x1 by 3x3 0 to 6 max 2x2",
    "depthwise 6x6x6 by 3x3 /2x2 in 0 1 0 1 0",
    "convolution 3x3x6 by 1x1 0 to 8",
    "mean 3x3x8 by 3x3 /3x3",
  ],
  "conv5x4/2,max3/2,depth3,max2,most": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4",
    "largest 12x12x4 by 3x3 /2x2",
    "depthwise 5x5x4 by 3x3 0",
    "largest 3x3x4 by 2x2 /2x2",
    "largest 1x1x4 by 1x1",
  ],
  "conv5x4/2,max2,depth3*2:leaky,mean": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4 max 2x2",
    "depthwise 6x6x4 by 3x3 0.125 to 2 each",
    "mean 4x4x8 by 4x4 /4x4",
  ],
  "conv5x4/2,max2,max2": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4 max 2x2",
    "largest 6x6x4 by 2x2 /2x2",
  ],
  "conv5x4/2:round7,max2,conv3x5:round6s2b3": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 255 rounded to 4 max 2x2",
    "convolution 6x6x4 by 3x3 0.25 to 7 rounded to 5",
  ],
  "pool2:round3,conv3x4:round7,max4,mean:linear": [
    "mean 28x28x1 by 2x2 /2x2 0 to 255 rounded times 0.125",
    "convolution 14x14x1 by 3x3 0 to 255 rounded to 4",
    "largest 12x12x4 by 4x4 /4x4",
    "mean 3x3x4 by 3x3 /3x3 1 times 1",
  ],
  // A pool of more windows than registers hold.
  "conv5x4/2,max4,conv3x6,most": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4",
    "largest 12x12x4 by 4x4 /4x4",
    "convolution 3x3x4 by 3x3 0 to 6",
  ],
  "conv5x4/2,res(conv3x4:same,res(depth3:same:linear),max1:same):leaky,max2,mean":
    [
      "convolution 28x28x1 by 5x5 /2x2 0 to 4",
      "convolution 12x12x4 by 3x3 in 1 1 1 1 0 to 4",
      "depthwise 12x12x4 by 3x3 in 1 1 1 1 1",
      "sum 12x12x4 by 1x1 0 back 1",
      "largest 12x12x4 by 1x1",
      "sum 12x12x4 by 1x1 0.125 back 4",
      "largest 12x12x4 by 2x2 /2x2",
      "mean 6x6x4 by 6x6 /6x6",
    ],
  // What is added stays as it is: it isn't pooled with the layer before.
  "conv5x4/2,res(max1,conv1x4:linear),mean": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4",
    "largest 12x12x4 by 1x1",
    "convolution 12x12x4 by 1x1 1 to 4",
    "sum 12x12x4 by 1x1 0 back 2",
    "mean 12x12x4 by 12x12 /12x12",
  ],
  // All filters of one channel.
  "depth5*4/2,max2,dense12:leaky": [
    "convolution 28x28x1 by 5x5 /2x2 0 to 4 max 2x2",
    "convolution 6x6x4 by 6x6 0.125 to 12",
  ],
};

for (const [layers, stages] of Object.entries(ROWS)) {
  Deno.test(`${layers} goes in ${stages.length + 1} stages`, () => {
    const found = rowStages(parseLayers(layers)) ?? [];
    assertEquals(found.slice(0, -1).map(tell), stages);
    assertEquals(found.at(-1)?.kind, "convolution");
  });
}

for (
  const layers of [
    "conv5x4/2:tanh,max2",
    "conv5x4/2:swish,mean",
    "conv5x4/2,max2,dense12:elu",
    "conv5x4:dil2,max4",
    "conv5x4/2,max3/2:same,mean",
    "conv5x4/2,pool3/2:same,mean",
    "conv5x4/2,res(conv3x4:same:linear):tanh,mean",
    "conv5x4/2,res(conv3x4:same:elu),mean",
    "conv5x4/2,drop0.2,mean",
    "conv5x4/2,conv3x7", // 1,000 weights a logit: more than a cache keeps
    "dense12",
    "conv5x4/2:round7,max2,res(conv3x4:same:linear):round0",
  ]
) {
  Deno.test(`${layers} is no row of stages`, () => {
    assertEquals(rowStages(parseLayers(layers)), undefined);
  });
}

Deno.test("a row's loss, hits and gradient are PyTorch's", async () => {
  await useWasm();
  assertEquals(hasKernel(rowGradientKernel), true);
  const [rows, columns, channels] = golden.input;
  const { layers, classes, labels } = golden;
  const input = [rows, columns, channels] as const;
  const stages = rowStages(parseLayers(layers, { input, classes })) ?? [];
  const { gradient, sums } = rowGradient(
    stages,
    tf.tensor1d(golden.weights),
    {
      words: packWords(Uint8Array.from(golden.pixels)),
      labels: tf.tensor1d(labels, "int32"),
      teacherLogits: tf.zeros([labels.length, classes]),
      terms: packTerms([{ a: 1, b: 0, c: 0, T: 1 }]),
    },
  );
  const [loss, hits] = await sums.data();
  assertAlmostEquals(loss, golden.loss, 1e-6 * golden.loss);
  assertEquals(hits, golden.hits);
  const found = await gradient.data();
  assertEquals(found.length, golden.gradient.length);
  const largest = Math.max(...golden.gradient.map(Math.abs));
  golden.gradient.forEach((slope, index) =>
    assertAlmostEquals(found[index], slope, 2e-6 * largest)
  );
});
