import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { buildModel } from "../../../../core/models/build_model.ts";
import { formatLayers } from "../../../../core/models/format_layers.ts";
import { forward } from "../../../../core/models/forward.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import {
  ACTIVATION_FORMS,
  ACTIVATIONS,
  type RealActivation,
} from "../../../../core/models/layers/activation.ts";
import type { LayerSpec } from "../../../../core/models/layers/layer.ts";
import { directSteps } from "../../../../core/infer/direct/direct_steps.ts";
import { WIDE_STEPS } from "../../../../core/infer/direct/wide_steps.ts";
import { forwardFused } from "../../../../core/infer/tfjs/load_checked.ts";
import { checkSpec, type ModelSpec } from "../../../../core/models/spec.ts";
import { testOnEveryBackend } from "../../kernels/every_backend.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { LEAKY } from "../leaky.ts";
import { MANIFEST } from "../tiny_folder.ts";

/** Rows without sums, which tfjs saves as sequential models. */
const ROWS = ACTIVATIONS.map((activation) => {
  const { ending } = ACTIVATION_FORMS[activation];
  const f = ending && `:${ending}`;
  return {
    ...parseLayers(`conv3x4/2:same${f},depth3${f},mean,dense5${f}`, {
      input: [9, 8, 2],
      classes: 3,
    }),
    name: activation,
  };
});

function weightsOf(spec: ModelSpec) {
  return initialWeights(spec, 7).map(({ shape, values }) => ({
    shape,
    // Biases that count, and make sums of either sign.
    values: shape.length > 1 ? values : values.map((_, i) => 0.1 - 0.07 * i),
  }));
}

/** Values of each, worked out by its definition to six decimals. */
const VALUES: Record<RealActivation, number[]> = {
  relu: [0, 0, 0, 0.5, 3, 8],
  linear: [-8, -1, 0, 0.5, 3, 8],
  leakyRelu: [-1, -0.125, 0, 0.5, 3, 8],
  relu6: [0, 0, 0, 0.5, 3, 6],
  elu: [-0.999665, -0.632121, 0, 0.5, 3, 8],
  sigmoid: [0.000335, 0.268941, 0.5, 0.622459, 0.952574, 0.999665],
  tanh: [-1, -0.761594, 0, 0.462117, 0.995055, 1],
  swish: [-0.002683, -0.268941, 0, 0.31123, 2.857722, 7.997317],
};

Deno.test("every activation that is written is listed, the usual one first", () => {
  assertEquals(
    [...ACTIVATIONS, "round"].toSorted(),
    Object.keys(ACTIVATION_FORMS).toSorted(),
  );
  assertEquals(ACTIVATIONS[0], "relu");
});

for (const activation of ACTIVATIONS) {
  testOnEveryBackend(
    `${activation} has its values, in training and in answers`,
    async () => {
      const layers = [
        { kind: "dense", name: "a", units: 1, activation },
      ] as const;
      const values = [-8, -1, 0, 0.5, 3, 8];
      const weights = [tf.tensor([1], [1, 1]), tf.tensor([0], [1])];
      const x = tf.tensor(values, [values.length, 1]);
      for (const feed of [forward, forwardFused]) {
        const y = await feed(layers, weights, x).data();
        VALUES[activation].forEach((wanted, i) =>
          assertAlmostEquals(y[i], wanted, 2e-6)
        );
      }
      const spec: ModelSpec = {
        name: "one",
        input: [1, 1, 1],
        layers: [
          { kind: "flatten", name: "flatten" },
          ...layers,
          { kind: "softmax", name: "softmax" },
        ],
      };
      const arrays = [
        { shape: [1, 1], values: Float32Array.of(1) },
        { shape: [1], values: Float32Array.of(0) },
      ];
      const { steps } = directSteps(spec, arrays, WIDE_STEPS);
      values.forEach((value, i) => {
        const y = new Float64Array(1);
        steps[0].run(Float64Array.of(value), y);
        assertAlmostEquals(y[0], VALUES[activation][i], 1e-6);
      });
    },
  );
}

Deno.test("a leaky relu keeps as much as its slope says", async () => {
  await tf.setBackend("cpu");
  const layers = [{
    kind: "dense",
    name: "a",
    units: 1,
    activation: "leakyRelu",
    slope: 0.5,
  }] as const;
  const weights = [tf.tensor([1], [1, 1]), tf.tensor([0], [1])];
  const y = forward(layers, weights, tf.tensor([-8, 3], [2, 1]));
  assertEquals([...await y.data()], [-4, 3]);
});

Deno.test("a slope is above 0 and below 1, and a leaky relu's alone", () => {
  for (
    const [activation, slope] of [["relu", 0.5], ["leakyRelu", 1], [
      "leakyRelu",
      -0.1,
    ]] as const
  ) {
    const [layer, ...rest] = parseLayers("dense3").layers.slice(1);
    const spec = {
      ...parseLayers("dense3"),
      layers: [
        { kind: "flatten", name: "f" } as const,
        { ...layer, activation, slope } as LayerSpec,
        ...rest,
      ],
    };
    assertThrows(
      () => checkSpec(spec),
      RangeError,
      "slope must be above 0 and below 1",
    );
  }
});

for (const spec of [...ROWS, LEAKY]) {
  Deno.test(`tfjs's own layers give the logits of ${spec.name}, saved and loaded too`, async () => {
    await tf.setBackend("cpu");
    const weights = weightsOf(spec);
    const random = randomStream(3, "leaky");
    const shape = [3, ...spec.input];
    const x = tf.tensor(
      Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => random.uniform(),
      ),
      shape,
    );
    const tensors = weights.map(({ shape, values }) =>
      tf.tensor(values, shape)
    );
    const own = await forward(spec.layers, tensors, x).data();
    const model = buildModel(spec, weights);
    const { output } = model.getLayer("logits");
    const stock = tf.model({ inputs: model.inputs, outputs: output });
    const [found] = [stock.predict(x)].flat();
    (await found.data()).forEach((value, i) =>
      assertAlmostEquals(value, own[i], 1e-5)
    );
    const folder = await Deno.makeTempDir();
    await saveModel(folder, weights, { ...MANIFEST, spec });
    const loaded = await loadModel(folder);
    assertEquals(loaded.spec, spec);
    assertEquals(loaded.weights, weights);
    await Deno.remove(folder, { recursive: true });
    model.dispose();
  });
}

Deno.test("a slope has no more decimals than a file says", () => {
  assertThrows(
    () => checkSpec(parseLayers("dense3:leaky0.1234567")),
    RangeError,
    "slope must have at most 6 decimals",
  );
  checkSpec(parseLayers("dense3:leaky0.123456"));
});

Deno.test("the text of activations is read and written, within residual layers too", () => {
  for (
    const text of [
      "conv3x4:same:leaky,res(depth3:same:leaky0.2,conv1x4:linear):leaky,dense6:leaky0.01",
      "conv3x4:relu6,res(depth3:same:swish,conv1x4:tanh):sigmoid,dense6:elu",
    ]
  ) assertEquals(formatLayers(parseLayers(text)), text);
});
