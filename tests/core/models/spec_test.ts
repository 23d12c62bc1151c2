import { assertThrows } from "@std/assert";
import {
  checkSpec,
  type LayerSpec,
  MAX_UNITS,
  type ModelSpec,
} from "../../../core/models/spec.ts";
import { studentSpec } from "../../../core/models/student.ts";

const SOFTMAX: LayerSpec = { kind: "softmax", name: "softmax" };

function dense(units: number, name = "dense"): LayerSpec {
  return { kind: "dense", name, units, activation: "relu" };
}

function model(...layers: LayerSpec[]): ModelSpec {
  return { name: "tiny", input: [4, 4, 1], layers };
}

const conv: LayerSpec = {
  kind: "conv2d",
  name: "conv",
  filters: 2,
  size: 3,
  activation: "relu",
};

function depthwise(stride: number): LayerSpec {
  const activation = "relu";
  return {
    kind: "depthwiseConv2d",
    name: "depth",
    size: 3,
    activation,
    stride,
  };
}

Deno.test("checkSpec accepts counts from 1 to the largest", () => {
  checkSpec(model({ kind: "flatten", name: "flatten" }, dense(1), SOFTMAX));
  checkSpec(model(dense(MAX_UNITS), SOFTMAX));
});

const REFUSED: [string, ModelSpec, string][] = [
  ["no units", model(dense(0), SOFTMAX), "units"],
  ["no layers", model(), "softmax"],
  ["1e9 units", model(dense(1e9), SOFTMAX), "1000000000"],
  ["half a unit", model(dense(2.5), SOFTMAX), "2.5"],
  ["no filters", model({ ...conv, filters: 0 }, SOFTMAX), "filters"],
  [
    "a kernel of size NaN",
    model({ ...conv, size: NaN }, SOFTMAX),
    "window size",
  ],
  [
    "a pool of size 0",
    model({ kind: "maxPool2d", name: "pool", size: 0 }, SOFTMAX),
    "window size",
  ],
  ["a stride of 0", model({ ...conv, stride: 0 }, SOFTMAX), "stride"],
  ["a stride of 1.5", model({ ...conv, stride: 1.5 }, SOFTMAX), "1.5"],
  ["a depthwise stride of 0", model(depthwise(0), SOFTMAX), "stride"],
  [
    "padding that nobody knows",
    model(
      JSON.parse(
        '{"kind":"conv2d","name":"conv","filters":1,"size":3,"activation":"relu","padding":"full"}',
      ),
      SOFTMAX,
    ),
    "padding must be valid, same or four counts of zeros: current value is full",
  ],
  [
    "an average pool of size 0",
    model({ kind: "averagePool2d", name: "pool", size: 0 }, SOFTMAX),
    "window size",
  ],
  [
    "a dropout rate of 1",
    model({ kind: "dropout", name: "dropout", rate: 1 }, SOFTMAX),
    "dropout rate",
  ],
  ["two layers of one name", model(dense(1), dense(2), SOFTMAX), "names"],
  ["no softmax", model(dense(2)), "softmax"],
  ["a softmax before the end", model(SOFTMAX, dense(2)), "softmax"],
  [
    "an image without rows",
    { ...model(SOFTMAX), input: [0, 4, 1] },
    "input extents",
  ],
];

for (const [what, spec, message] of REFUSED) {
  Deno.test(`checkSpec refuses ${what}`, () => {
    assertThrows(() => checkSpec(spec), RangeError, message);
  });
}

for (const hidden of [0, -6, 1e9, 1.5, NaN]) {
  Deno.test(`studentSpec refuses ${hidden} hidden units`, () => {
    assertThrows(() => studentSpec({ hidden }), RangeError, `${hidden}`);
  });
}

for (const dropout of [1, -0.1, NaN]) {
  Deno.test(`studentSpec refuses a dropout rate of ${dropout}`, () => {
    assertThrows(
      () => studentSpec({ hidden: 6, dropout }),
      RangeError,
      `${dropout}`,
    );
  });
}
