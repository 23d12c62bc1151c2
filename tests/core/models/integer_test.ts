import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { prepareDirect } from "../../../core/infer/load.ts";
import { prepareOnTfjs } from "../../../core/infer/tfjs/load_on_tfjs.ts";
import { forwardFused } from "../../../core/infer/tfjs/load_checked.ts";
import { boundIntegers, isInteger } from "../../../core/models/integer.ts";
import { formatLayers } from "../../../core/models/format_layers.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { checkSpec, type LayerSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import * as tf from "../../../core/tf.ts";
import { testOnEveryBackend } from "../kernels/every_backend.ts";
import { referenceLogits } from "./integer_reference.ts";
import { drawIntegers, drawIntegerSpec, kindsOf } from "./random_integers.ts";

/** Random models whose bounds hold, one for each seed. */
function* drawModels(count: number) {
  for (let seed = 0; count > 0; seed++) {
    const random = randomStream(seed, "integers");
    const model = drawIntegers(random, drawIntegerSpec(random));
    const weights = model.tensors.map(decodeTensor);
    try {
      boundIntegers(model.spec, weights);
    } catch (error) {
      if (error instanceof RangeError && /2\^24/.test(error.message)) continue;
      throw error;
    }
    count--;
    const size = model.spec.input.reduce((a, b) => a * b);
    const images = Uint8Array.from(
      { length: 3 * size },
      () => random.below(4) === 0 ? 255 : random.below(2) * random.below(256),
    );
    yield { ...model, weights, images, size };
  }
}

testOnEveryBackend(
  "a model of integers has the logits of exact arithmetic, to the bit, on every path",
  async () => {
    const backend = tf.getBackend();
    const seen = new Set<string>();
    const count = backend === "webgpu" ? 5 : 80;
    for (const { spec, weights, images, size } of drawModels(count)) {
      for (const kind of kindsOf(spec)) seen.add(kind);
      const expected = [0, 1, 2].flatMap((image) =>
        referenceLogits(
          spec,
          weights,
          images.subarray(image * size, (image + 1) * size),
        )
      );
      const about = JSON.stringify(spec);
      const direct = prepareDirect(spec, weights, []).classify(images);
      assertEquals([...direct.logits], expected, about);
      using model = prepareOnTfjs(spec, weights, []);
      const { logits } = await model.classify(images);
      assertEquals([...logits], expected, about);
      const fused = tf.tidy(() =>
        forwardFused(
          spec.layers,
          weights.map(({ shape, values }) => tf.tensor(values, shape)),
          tf.tensor(Float32Array.from(images), [3, ...spec.input]),
        )
      );
      assertEquals([...await fused.data<"float32">()], expected, about);
      fused.dispose();
    }
    for (
      const kind of [
        "conv2d round",
        "depthwiseConv2d round",
        "dense round",
        "averagePool2d round",
        "globalAveragePool2d round",
        "globalAveragePool2d linear",
        "residual round",
        "maxPool2d ",
      ]
    ) {
      assert(seen.has(kind) || backend === "webgpu", `${kind} was never drawn`);
    }
  },
);

testOnEveryBackend(
  "a wide convolution is exact too, where Winograd's way is usual",
  async () => {
    const random = randomStream(3, "wide");
    const spec = parseLayers(
      "conv3x16:round6,conv3x32:same:round9,mean:round3",
      {
        input: [14, 14, 1],
        shift: 5,
      },
    );
    const { tensors } = drawIntegers(random, spec);
    const weights = tensors.map(decodeTensor);
    const images = Uint8Array.from({ length: 196 }, () => random.below(256));
    const direct = prepareDirect(spec, weights, []).classify(images);
    assertEquals([...direct.logits], referenceLogits(spec, weights, images));
    using model = prepareOnTfjs(spec, weights, []);
    const { logits } = await model.classify(images);
    assertEquals(logits, direct.logits);
  },
);

Deno.test("numbers from 0 to 1 are the nearest bytes", () => {
  const spec = parseLayers("dense3:round2", { input: [2, 2, 1] });
  const weights = drawIntegers(randomStream(1, "bytes"), spec).tensors
    .map(decodeTensor);
  const model = prepareDirect(spec, weights, []);
  const bytes = Uint8Array.of(0, 1, 200, 255);
  const shares = Float32Array.from(bytes, (byte) => byte / 255);
  assertEquals(model.classify(shares).logits, model.classify(bytes).logits);
  const beyond = Float32Array.of(-3, 1 / 255, 200.3 / 255, 7);
  assertEquals(model.classify(beyond).logits, model.classify(bytes).logits);
});

Deno.test("a sum of 2^24 is refused, and one less is not", () => {
  const spec = parseLayers("dense1:round0", { input: [1, 1, 1], classes: 1 });
  const weightsOf = (bias: number) =>
    [[[1, 1], 128], [[1], bias], [[1, 1], 1], [[1], 0]].map(
      ([shape, value]) => ({
        shape: [shape].flat(),
        values: Float32Array.of(Number(value)),
      }),
    );
  const most = 2 ** 24 - 1 - 255 * 128;
  assertEquals(boundIntegers(spec, weightsOf(most))[0].most, 2 ** 24 - 1);
  assertEquals(boundIntegers(spec, weightsOf(-most))[0].most, 2 ** 24 - 1);
  for (const bias of [most + 1, -most - 1]) {
    assertThrows(
      () => boundIntegers(spec, weightsOf(bias)),
      RangeError,
      "below 2^24",
    );
    assertThrows(() => prepareDirect(spec, weightsOf(bias), []), RangeError);
  }
  assertThrows(
    () => boundIntegers(spec, weightsOf(0.5)),
    RangeError,
    "integers",
  );
});

Deno.test("a model of integers is written as text, and read again", () => {
  for (
    const text of [
      "conv3x8:round7,max2,depth3:same:round6s3,mean:round4",
      "conv3x2/2:round7.6b4,res(conv3x2:same:round5,conv3x2:same:linear)*8:round3s0,mean:linear",
      "pool2:round2,conv5x3:round8b2,pool3x2/2:same:linear,dense4:round9",
    ]
  ) {
    const spec = parseLayers(text, { shift: 3 });
    assert(isInteger(spec.layers));
    assertEquals(formatLayers(spec), text);
  }
});

Deno.test("what is no model of integers is refused, nor a part of one", () => {
  const spec = parseLayers("conv3x2:round7,mean:round3,dense4:round5");
  const change = (place: number, fields: Partial<LayerSpec>) => ({
    ...spec,
    layers: spec.layers.map((layer, i) =>
      i === place ? { ...layer, ...fields } as LayerSpec : layer
    ),
  });
  checkSpec(spec);
  for (
    const [place, fields, rule] of [
      [0, { shift: undefined }, "must have a shift"],
      [0, { shift: 24 }, "from 0 to 23"],
      [0, { shift: [] }, "from 0 to 23"],
      [0, { bits: 9 }, "from 1 to 8"],
      [0, { slope: 0.3 }, "power of two"],
      [0, { activation: "relu", shift: undefined }, "must have a rounding"],
      [0, { activation: "relu" }, "must be a rounding's"],
      [0, { activation: "linear" }, "at the end alone"],
      [1, { activation: undefined, shift: undefined }, "must have a rounding"],
      [1, { activation: "relu" }, "a mean must have"],
      [3, { shift: undefined }, "must end in linear sums"],
      [3, { shift: [1, 2] }, "must end in linear sums"],
    ] as [number, Partial<LayerSpec>, string][]
  ) {
    assertThrows(() => checkSpec(change(place, fields)), RangeError, rule);
  }
  const real = parseLayers("pool2,res(conv3x1:same),mean");
  const lifted = { ...real.layers[1], lift: 2 } as LayerSpec;
  assertThrows(
    () => checkSpec({ ...real, layers: real.layers.with(1, lifted) }),
    RangeError,
    "a lift must be",
  );
});
