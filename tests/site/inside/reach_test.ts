import { assertEquals, assertThrows } from "@std/assert";
import { loadEncoded } from "../../../core/infer/load.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { modelCost, weightShapes } from "../../../core/models/cost.ts";
import { along } from "../../../core/models/layers/layer.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";
import { countReadings } from "../../../site/inside/picture_border.ts";
import { findBlankPlaces } from "../../../site/inside/picture_features.ts";
import { weighedLayers } from "../../../site/inside/weighed_layers.ts";
import { fc } from "../../seeded_check.ts";

const SIDE = 9;

/** A convolution, linear, of any reach that fits. */
const convolution = fc.record({
  filters: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.constantFrom("valid" as const, "same" as const),
}).map((shape): LayerSpec => ({
  ...{ kind: "conv2d", name: "conv", activation: "linear" },
  ...shape,
}));

/** A pool before it; means, so that what is read can't be hidden by something larger. */
const pool = fc.integer({ min: 2, max: 3 }).map((size): LayerSpec => ({
  ...{ kind: "averagePool2d", name: "pool", size },
}));

const zeros = fc.array(fc.boolean(), { minLength: 4 * 4 * 3, maxLength: 48 });

/** `layers` and a linear dense layer of `units`. */
function specOf(layers: LayerSpec[], units: number): ModelSpec {
  return {
    name: "reach",
    input: [SIDE, SIDE, 1],
    layers: [
      ...layers,
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "dense", units, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
}

/** `spec` with kernels of `weight(tensor, index)`, biases of 0. */
function modelOf(
  spec: ModelSpec,
  weight: (tensor: number, index: number) => number,
): EncodedModel {
  const tensors = weightShapes(spec).map((shape, tensor) => ({
    ...{ kind: "float" as const, shape, bits: 32 as const },
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      (_, i) => shape.length > 1 ? weight(tensor, i) : 0,
    ),
  }));
  return { spec, labels: ["a", "b"], tensors };
}

/** What the model gives where the image is black but for one pixel, for each pixel. */
function answersByPixel(model: EncodedModel): Float32Array[] {
  const direct = loadEncoded(model);
  return Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const image = new Float32Array(SIDE * SIDE);
    image[pixel] = 1;
    return direct.classify(image).logits;
  });
}

Deno.test("a pixel is read as often as a convolution of ones answers to it", () => {
  fc.assert(
    fc.property(convolution, zeros, (layer, holes) => {
      const spec = specOf([layer], 1);
      const model = modelOf(
        spec,
        (tensor, i) => tensor === 0 && holes[i % 48] ? 0 : 1,
      );
      const [first] = weighedLayers(model);
      assertEquals(
        [...countReadings([], first)],
        answersByPixel(model).map(([sum]) => sum),
      );
    }),
    { numRuns: 40 },
  );
});

Deno.test("pixels before a pool are read as the pool's cell is; those that fill none, never", () => {
  fc.assert(
    fc.property(pool, (layer) => {
      const spec = specOf([layer], 3);
      const model = modelOf(spec, (_, i) => i % 2);
      const [first] = weighedLayers(model);
      const before = modelCost(spec).layers.slice(0, first.place);
      const readings = countReadings(before, first);
      const answers = answersByPixel(model).map((row) =>
        row.filter((value) => value !== 0).length
      );
      assertEquals([...readings], answers);
    }),
    { numRuns: 10 },
  );
});

Deno.test("a place is blank if and only if no other pixel moves it", () => {
  const blank = fc.array(fc.boolean(), {
    minLength: SIDE * SIDE,
    maxLength: SIDE * SIDE,
  });
  fc.assert(
    fc.property(convolution, fc.option(pool), blank, (layer, after, blank) => {
      const layers = after ? [layer, { ...after, name: "after" }] : [layer];
      const { layers: costs } = modelCost(specOf([layer], 1));
      const [rows] = costs[0].output;
      fc.pre(!after || rows >= ("size" in after ? along(after.size, 0) : 1));
      const places = modelCost(specOf(layers, 1)).layers[layers.length - 1]
        .output;
      const [height, width, channels] = places;
      const units = height * width * channels;
      // The dense layer passes on what it reads.
      const spec = specOf(layers, units);
      const model = modelOf(
        spec,
        (tensor, i) =>
          tensor === 0 ? 1 : Number(Math.floor(i / units) === i % units),
      );
      const answers = answersByPixel(model);
      const expected = Array.from(
        { length: height * width },
        (_, place) =>
          answers.every((row, pixel) =>
            blank[pixel] || row[place * channels] === 0
          ),
      );
      assertEquals(findBlankPlaces(spec, layers.length, blank), expected);
    }),
    { numRuns: 40 },
  );
});

/** How often each pixel is read by the first weights of the model that `text` says. */
function readingsOf(text: string): number[] {
  const spec = parseLayers(text, { input: [4, 4, 1], classes: 3 });
  const [first] = weighedLayers(modelOf(spec, () => 1));
  const before = modelCost(spec).layers.slice(0, first.place);
  return [...countReadings(before, first)];
}

Deno.test("what lies before the first weights passes on how often they read", () => {
  const everywhere = new Array(16).fill(3); // by each of three classes
  for (const text of ["mean", "most", "flatten", "drop0.5,flatten", "max2"]) {
    assertEquals(readingsOf(text), everywhere, text);
  }
  // By two filters; each of a depthwise convolution's places reads 2×2.
  assertEquals(readingsOf("conv4x2"), new Array(16).fill(2));
  assertEquals(readingsOf("depth2/2"), new Array(16).fill(1));
});

Deno.test("what has weights can't lie before the first of them", () => {
  const spec = parseLayers("conv3x2,dense5", { input: [4, 4, 1], classes: 3 });
  const [, dense] = weighedLayers(modelOf(spec, () => 1));
  const before = modelCost(spec).layers.slice(0, dense.place);
  assertThrows(() => countReadings(before, dense), Error, "conv1");
});

Deno.test("blank places go through layers of every kind that keep places apart", () => {
  const left = Array.from({ length: 16 }, (_, i) => i % 4 < 2); // half of 4×4
  const blankOf = (text: string) => {
    const spec = parseLayers(text, { input: [4, 4, 1], classes: 3 });
    const end = spec.layers.findIndex(({ kind }) => kind === "flatten");
    return findBlankPlaces(spec, end, left);
  };
  assertEquals(blankOf("drop0.5"), left);
  assertEquals(blankOf("max2"), [true, false, true, false]);
  assertEquals(blankOf("depth2/2"), [true, false, true, false]);
  assertEquals(blankOf("res(conv1x1:linear)"), left);
});

Deno.test("a layer that reads all of the image has no places of its own", () => {
  const spec = parseLayers("mean", { input: [4, 4, 1], classes: 3 });
  const blank = new Array(16).fill(true);
  assertEquals(findBlankPlaces(spec, spec.layers.length, blank), blank);
});
