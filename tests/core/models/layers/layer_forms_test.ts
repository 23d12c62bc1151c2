import { assertEquals } from "@std/assert";
import {
  describeLayer,
  LAYER_KINDS,
  summariseLayer,
} from "../../../../core/models/layers/layer_forms.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";

/** A model of every kind of layer, and what a summary and a page say of each. */
const LAYERS: [text: string, said: [summary: string, words: string][]][] = [
  ["conv3x4/2:same,depth3:linear,max2,pool2,drop0.5,dense4", [
    ["conv2d 3×3/2 same relu", "convolution 3×3, 4 filters, stride 2, padded"],
    ["depthwiseConv2d 3×3 linear", "depthwise convolution 3×3"],
    ["maxPool2d 2×2", "maximum of 2×2"],
    ["averagePool2d 2×2", "mean of 2×2"],
    ["dropout 0.5", "dropout"],
    ["flatten", "flatten"],
    ["dense relu", "dense, 4 units"],
    ["dense linear", "dense, 3 units"],
    ["softmax", "softmax"],
  ]],
  ["conv5x3x8/2x1:leaky0.2,depth3*2:swish,max3/2:same,most", [
    ["conv2d 5×3/2×1 leakyRelu 0.2", "convolution 5×3, 8 filters, stride 2×1"],
    [
      "depthwiseConv2d 2 a channel 3×3 swish",
      "depthwise convolution 3×3, 2 a channel",
    ],
    ["maxPool2d 3×3/2 same", "maximum of 3×3, stride 2, padded"],
    ["globalMaxPool2d", "maximum of all places"],
    ["dense linear", "dense, 3 units"],
    ["softmax", "softmax"],
  ]],
  ["res(conv1x1:same),mean", [
    ["residual of 1 relu", "sum with what 1 layer read"],
    ["globalAveragePool2d", "mean of all places"],
    ["dense linear", "dense, 3 units"],
    ["softmax", "softmax"],
  ]],
];

const options = { input: [16, 16, 1] as [number, number, number], classes: 3 };

for (const [text, said] of LAYERS) {
  Deno.test(`every layer of ${text} is said, in a summary and in words`, () => {
    const { layers } = parseLayers(text, options);
    assertEquals(
      layers.map((layer) => [summariseLayer(layer), describeLayer(layer)]),
      said,
    );
  });
}

Deno.test("no kind of layer is left out above", () => {
  const kinds = LAYERS.flatMap(([text]) => parseLayers(text, options).layers)
    .map(({ kind }) => kind);
  assertEquals([...new Set(kinds)].sort(), [...LAYER_KINDS].sort());
});
