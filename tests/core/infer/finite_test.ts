import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type BackendChoice,
  selectBackend,
} from "../../../core/device/select_backend.ts";
import type { FloatArray } from "../../../core/files/safetensors.ts";
import { classifyLogits } from "../../../core/infer/classification.ts";
import { load, loadEncoded, prepareDirect } from "../../../core/infer/load.ts";
import { loadEncodedChecked } from "../../../core/infer/tfjs/load_checked.ts";
import {
  loadOnTfjs,
  prepareOnTfjs,
} from "../../../core/infer/tfjs/load_on_tfjs.ts";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { Activation, ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { smallModel } from "./small_model.ts";
import { specOf, type Unnamed } from "./write_dram.ts";

const dense = (units: number, activation: Activation): Unnamed => ({
  kind: "dense",
  units,
  activation,
});

/** Weights for `spec`, every number of tensor i `fills[i]`. */
function filled(spec: ModelSpec, fills: number[]): FloatArray[] {
  return weightShapes(spec).map((shape, index) => ({
    shape,
    values: new Float32Array(shape.reduce((a, b) => a * b)).fill(fills[index]),
  }));
}

/** A file of `spec` with those weights. */
function encodeFilled(spec: ModelSpec, fills: number[]): Uint8Array {
  return encodeDram({
    spec,
    labels: ["a", "b"],
    tensors: filled(spec, fills).map(({ shape, values }) => ({
      kind: "float",
      shape,
      bits: 32,
      values: Float32Array.from(values),
    })),
  });
}

const FLATTEN: Unnamed = { kind: "flatten" };
const ROWS = specOf([2, 2, 1], [FLATTEN, dense(3, "relu"), dense(2, "linear")]);
const LEAKY = specOf([2, 2, 1], [
  FLATTEN,
  dense(3, "leakyRelu"),
  dense(2, "linear"),
]);
const IMAGES = specOf([4, 4, 1], [
  { kind: "conv2d", filters: 3, size: 2, activation: "relu" },
  { kind: "depthwiseConv2d", size: 2, activation: "relu" },
  { kind: "maxPool2d", size: 2 },
  FLATTEN,
  dense(2, "linear"),
]);

/** Finite weights of float32 whose sums are not. */
const OVERFLOWING: [string, ModelSpec, number[]][] = [
  ["logits beyond float32", ROWS, [1e30, 0, 1e30, 0]],
  ["logits below float32", ROWS, [1e30, 0, -1e30, 0]],
  ["a sum beyond float32 that a weight of 0 hides", ROWS, [3e38, 0, 0, 1]],
  ["a sum below float32 that a relu hides", ROWS, [-3e38, 0, 1, 1]],
  ["a sum below float32 that a leaky relu shrinks", LEAKY, [-3e38, 0, 0, 1]],
  ["a convolution's sum that a relu hides", IMAGES, [-3e38, 0, 1, 0, 1, 0]],
  ["a depthwise sum that a relu hides", IMAGES, [1e30, 0, -1e30, 0, 1, 0]],
];
const BRIGHT = new Uint8Array(16).fill(255);

for (const [what, spec, fills] of OVERFLOWING) {
  const image = BRIGHT.subarray(0, spec.input[0] ** 2);
  Deno.test(`${what} have no class on the direct path`, () => {
    const { classify } = load(encodeFilled(spec, fills));
    assertThrows(() => classify(image), RangeError, "must be finite");
  });

  Deno.test(`${what} have no class on tfjs`, async () => {
    for (const backend of ["cpu", "wasm"] satisfies BackendChoice[]) {
      await selectBackend(backend);
      using model = loadOnTfjs(encodeFilled(spec, fills));
      await assertRejects(
        () => model.classify(image),
        RangeError,
        "must be finite",
      );
    }
  });
}

Deno.test("weights so large that sums may overflow still classify what doesn't", async () => {
  await selectBackend("cpu");
  // 0 · 1e30 = 0; a pixel of 1 / 255 gives 255 of logits at the most.
  const file = encodeFilled(ROWS, [1e30, 0, 1e-30, 0.5]);
  const image = Uint8Array.of(0, 1, 0, 0);
  const expected = Float32Array.of(3 / 255 + 0.5, 3 / 255 + 0.5);
  const direct = load(file).classify(image);
  direct.logits.forEach((z, i) => assert(Math.abs(z - expected[i]) < 1e-6));
  using model = loadOnTfjs(file);
  assertEquals(await model.classify(image), direct);
});

Deno.test("a checked model finds sums that overflow as the direct path does", async () => {
  await selectBackend("cpu");
  const tensors = filled(ROWS, [1e30, -1e31, 1e-30, 0]);
  const encoded = {
    spec: ROWS,
    labels: ["a", "b"],
    tensors: tensors.map(({ shape, values }) => ({
      kind: "float" as const,
      shape,
      bits: 32 as const,
      values: Float32Array.from(values),
    })),
  };
  using model = await loadEncodedChecked(encoded);
  const image = new Float32Array(4);
  assertEquals(
    await model.classify(image),
    loadEncoded(encoded).classify(image),
  );
  await assertRejects(
    () => model.classify(new Float32Array(4).fill(-4e8)),
    RangeError,
    "sums must be finite in float32",
  );
});

Deno.test("weights that aren't finite are refused at loading, on either path", async () => {
  await selectBackend("cpu");
  for (const wrong of [NaN, Infinity, -Infinity]) {
    for (const prepare of [prepareDirect, prepareOnTfjs]) {
      const weights = filled(ROWS, [0, 0, 0, 0]);
      weights[2].values[5] = wrong;
      assertThrows(
        () => prepare(ROWS, weights, []),
        RangeError,
        `number 5 of weight 2 must be finite: current value is ${wrong}`,
      );
    }
  }
});

Deno.test("pixels that aren't finite, or no pixels' size, are refused on either path", async () => {
  await selectBackend("cpu");
  const weights = filled(ROWS, [1, 0, 1, 0]);
  using model = prepareOnTfjs(ROWS, weights, []);
  const direct = prepareDirect(ROWS, weights, []);
  for (const wrong of [NaN, Infinity, -Infinity, 1e10]) {
    const image = Float32Array.of(0, 1, wrong, 0);
    const message =
      `pixels must be finite, and about 0 to 1: pixel 2 is ${wrong}`;
    assertThrows(() => direct.classify(image), RangeError, message);
    await assertRejects(() => model.classify(image), RangeError, message);
  }
  assertEquals(direct.classify(Float32Array.of(0, 255, 0, -1)).classes[0], 0);
});

Deno.test("logits that aren't finite have no class", () => {
  for (const wrong of [NaN, Infinity, -Infinity]) {
    for (const place of [0, 1, 2]) {
      const logits = Float32Array.of(0, 1, 2).with(place, wrong);
      assertThrows(
        () => classifyLogits(Float32Array.from(logits), 3),
        RangeError,
        `logits must be finite: current value is ${wrong}`,
      );
    }
  }
});

Deno.test("what is looked for in large weights changes no answer", () => {
  const random = randomStream(3, "large weights");
  const image = Float32Array.from({ length: 784 }, () => random.uniform());
  const model = smallModel();
  const { logits } = loadEncoded(model).classify(image);
  // Scales up by 2^70 before the relu, and down behind it: sums may overflow, and don't.
  const large = 2 ** 70;
  const weights = model.tensors.map((tensor, index) => {
    if (tensor.kind !== "uniform") throw new Error("it must be uniform");
    const factor = index < 2 ? large : index === 2 ? 1 / large : 1;
    const { shape, levels, scale: [scale] } = tensor;
    return {
      shape,
      values: Float32Array.from(levels, (level) => level * scale * factor),
    };
  });
  const found = prepareDirect(model.spec, weights, model.labels);
  assertEquals(found.classify(image).logits, logits);
});
