import { assertEquals, assertThrows } from "@std/assert";
import { formatLayers } from "../../../core/models/format_layers.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import { fc } from "../../seeded_check.ts";

Deno.test("parseLayers makes each word a layer, and ends with logits and a softmax", () => {
  const text =
    "pool2, conv3x8/2:same, depth3:linear, conv1x12, max2, drop0.25, mean, dense16:linear";
  assertEquals(parseLayers(text, { name: "mine" }), {
    name: "mine",
    input: [28, 28, 1],
    layers: [
      { kind: "averagePool2d", name: "pool1", size: 2 },
      {
        kind: "conv2d",
        name: "conv1",
        filters: 8,
        size: 3,
        activation: "relu",
        stride: 2,
        padding: "same",
      },
      {
        kind: "depthwiseConv2d",
        name: "depth1",
        size: 3,
        activation: "linear",
      },
      {
        kind: "conv2d",
        name: "conv2",
        filters: 12,
        size: 1,
        activation: "relu",
      },
      { kind: "maxPool2d", name: "max1", size: 2 },
      { kind: "dropout", name: "drop1", rate: 0.25 },
      { kind: "globalAveragePool2d", name: "mean1" },
      { kind: "dense", name: "dense1", units: 16, activation: "linear" },
      { kind: "dense", name: "logits", units: 10, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  });
});

Deno.test("parseLayers flattens an image once, before the first dense layer", () => {
  const kinds = (text: string) =>
    parseLayers(text, { input: [8, 8, 2], classes: 3 }).layers
      .map(({ kind }) => kind);
  assertEquals(kinds("conv3x2"), ["conv2d", "flatten", "dense", "softmax"]);
  assertEquals(kinds("dense4,drop0.5,dense3"), [
    "flatten",
    "dense",
    "dropout",
    "dense",
    "dense",
    "softmax",
  ]);
});

Deno.test("the text of the teacher is read back as the teacher, but for names", () => {
  const unnamed = ({ layers }: ReturnType<typeof teacherSpec>) =>
    layers.map((layer) => ({ ...layer, name: "" }));
  const text = formatLayers(teacherSpec());
  assertEquals(unnamed(parseLayers(text)), unnamed(teacherSpec()));
});

const ending = fc.constantFrom(
  ...["", ":same", ":linear", ":same:linear", ":leaky", ":same:leaky"],
);
const convolution = fc.record({
  kind: fc.constantFrom("conv", "depth"),
  size: fc.integer({ min: 1, max: 5 }),
  filters: fc.integer({ min: 1, max: 20 }),
  stride: fc.constantFrom("", "/2", "/3"),
  ending,
}).map(({ kind, size, filters, stride, ending }) =>
  kind === "conv"
    ? `conv${size}x${filters}${stride}${ending}`
    : `depth${size}${stride}${ending}`
);
const pooling = fc.constantFrom("max2", "pool2", "max1", "drop0.25", "drop0");
const images = fc.array(fc.oneof(convolution, pooling), { maxLength: 4 });
const rows = fc.array(
  fc.constantFrom(
    "dense7",
    "dense12:linear",
    "dense9:leaky",
    "dense9,res(dense9:leaky):leaky",
    "drop0.5",
  ),
  {
    minLength: 1,
    maxLength: 3,
  },
);

Deno.test("formatLayers writes what parseLayers has read", () => {
  fc.assert(fc.property(images, rows, (images, rows) => {
    const words = [...images, "mean", ...rows];
    const input = [200, 200, 1] as const;
    const text = words.join(",");
    const spec = parseLayers(text, { input });
    assertEquals(formatLayers(spec), text);
    assertEquals(parseLayers(formatLayers(spec), { input }), spec);
  }));
});

Deno.test("a model of nothing but logits has a word, too", () => {
  const spec = parseLayers("flatten");
  assertEquals(spec.layers.map(({ kind }) => kind), [
    "flatten",
    "dense",
    "softmax",
  ]);
  assertEquals(formatLayers(spec), "flatten");
  // Where a dense layer reads an image it goes without saying.
  assertEquals(
    formatLayers(parseLayers("max2,flatten,dense4")),
    "max2,dense4",
  );
});

const REFUSED: [string, string, string][] = [
  ["nothing", "", "found nothing between commas"],
  ["two commas", "conv3x8,,mean", "found nothing between commas"],
  ["an unknown layer", "conv3x8,lstm4", 'found "lstm4"'],
  ["a convolution without filters", "conv3", "as in pool2,conv3x8"],
  [
    "an unknown ending",
    "conv3x8:relu",
    ":same, and in :linear or :leaky or :relu6",
  ],
  ["two activations", "conv3x8:linear:leaky", "once each"],
  ["two activations of a dense layer", "dense4:linear:leaky", "layers must be"],
  ["an activation unknown to a dense layer", "dense4:relu", "once each"],
  ["an ending twice", "conv3x8:same:same", "once each"],
  ["a padded dense layer", "dense4:same", 'found "dense4:same"'],
  ["a pool with an activation", "max2:linear", 'found "max2:linear"'],
  ["two paddings", "conv3x8:same:pad1x1x1x1", "once each"],
  ["a negative size", "conv-3x8", "layers must be"],
  ["a dropout rate of 1", "drop1", 'found "drop1"'],
];

for (const [what, text, message] of REFUSED) {
  Deno.test(`parseLayers refuses ${what}`, () => {
    assertThrows(() => parseLayers(text), SyntaxError, message);
  });
}

const OUT_OF_RANGE: [string, string, string][] = [
  ["no filters", "conv3x0", "filters"],
  ["a stride of 0", "conv3x8/0", "stride"],
  ["a million units", "dense1000000", "units"],
  ["an image too small", "max2,max2,max2,conv5x4", "at least 1×1"],
  ["a convolution after a mean", "mean,conv3x4", "must read an image"],
  ["a second mean", "mean,mean", "must read an image"],
];

for (const [what, text, message] of OUT_OF_RANGE) {
  Deno.test(`parseLayers refuses ${what}`, () => {
    assertThrows(() => parseLayers(text), RangeError, message);
  });
}

Deno.test("formatLayers refuses a model that doesn't end in linear logits", () => {
  const { layers, ...rest } = parseLayers("conv3x2");
  assertThrows(
    () =>
      formatLayers({
        ...rest,
        layers: layers.filter(({ kind }) => kind !== "dense"),
      }),
    RangeError,
    "current value is flatten",
  );
});

Deno.test("the text of windows of any kind is read and written", () => {
  for (
    const text of [
      "conv5x3x8/2x1:same,depth3*2:dil2,max3/2:same,pool2x1,mean",
      "conv3x4:pad1x0x2x2:tanh,max2/1:pad1x1x0x0,conv1x3:dil2x1,most",
    ]
  ) assertEquals(formatLayers(parseLayers(text)), text);
});
