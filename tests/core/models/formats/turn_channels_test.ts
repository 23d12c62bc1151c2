import { assert, assertEquals, assertRejects } from "@std/assert";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import { prepareDirect } from "../../../../core/infer/load.ts";
import { modelCost } from "../../../../core/models/cost.ts";
import type { LoadedModel } from "../../../../core/models/formats/loaded_model.ts";
import {
  describeModel,
  loadModel,
} from "../../../../core/models/formats/load_model.ts";
import { turnChannels } from "../../../../core/models/formats/turn_channels.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { saveModel } from "../../../../core/models/save_model.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { randomStream } from "../../../../core/random/stream.ts";

const INPUT = [6, 5, 3] as const;

/** A row of layers with biases that count. */
function makeModel(layers: string, channels = 3): LoadedModel {
  const spec = parseLayers(layers, {
    input: [INPUT[0], INPUT[1], channels],
    classes: 3,
  });
  const random = randomStream(2, layers);
  const weights = initialWeights(spec, 1).map((weight) => ({
    ...weight,
    values: weight.values.map((value) => value + random.uniform() / 4),
  }));
  return { kind: "row", spec, weights, sha256: "", bytes: 0 };
}

const random = randomStream(1, "colours");
const image = Float32Array.from(
  { length: 6 * 5 * 3 },
  () => random.uniform(),
);
/** The same image, blue first. */
const turnedImage = image.map((_, i) => image[i - i % 3 + 2 - i % 3]);

for (
  const layers of [
    "conv3x4,max2",
    "max2,dense5",
    "depth3*2,pool2,depth1,conv1x4",
    "mean,dense4",
    "res(conv3x3:same),conv3x4",
    "max2,res(depth3:same,conv1x5,conv1x3,depth1):leaky,pool2,dense4",
    "depth1*2,res(depth3:same),res(conv1x6:linear),mean",
    "flatten,res(dense5,dense90),dense4",
  ]
) {
  Deno.test(`a model of ${layers} that reads blue first answers alike when its channels are turned`, async () => {
    const model = makeModel(layers);
    const turned = await turnChannels(model, "it");
    const [wanted] = [model].map(({ spec, weights }) =>
      prepareDirect(spec, weights, []).classify(turnedImage).logits
    );
    const { logits } = prepareDirect(turned.spec, turned.weights, [])
      .classify(image);
    logits.forEach((logit, i) => assert(Math.abs(logit - wanted[i]) < 1e-5));
    assertEquals(
      turned.weights.map(({ shape }) => shape),
      modelCost(model.spec).layers.flatMap(({ weights }) => weights),
    );
    assert(turned.sha256 !== model.sha256);
    assertEquals(turned.bgr, true);
  });
}

Deno.test("channels aren't turned of greys, nor where a sum is within what is added to pixels", async () => {
  await assertRejects(
    () => turnChannels(makeModel("conv3x4", 1), "it"),
    SyntaxError,
    "leave --bgr out",
  );
  await assertRejects(
    () =>
      turnChannels(makeModel("res(conv3x3:same,res(conv1x3)),conv3x4"), "it"),
    SyntaxError,
    "must hold no sum themselves: ",
  );
});

Deno.test("--bgr, said of a teacher, turns no channels of a model that Retort has written", async () => {
  await selectBackend("cpu");
  const { spec, weights } = makeModel("conv3x4,max2");
  const folder = await Deno.makeTempDir();
  await saveModel(folder, weights, {
    spec,
    configuration: {},
    backend: { name: "cpu", adapter: null },
    dataset: { name: "none", sha256: {}, split: { seed: 0, validation: 1 } },
    scores: {
      epoch: 0,
      validation: { accuracy: 0, loss: 0 },
      test: { accuracy: 0, loss: 0 },
    },
    versions: { retort: "0", deno: "0", tfjs: "0" },
    date: "2026-01-01",
  });
  for (const load of [loadModel, describeModel]) {
    const plain = await load(folder);
    const told = await load(folder, { bgr: true });
    assertEquals(told, plain);
  }
  await Deno.remove(folder, { recursive: true });
});
