import { assert, assertEquals, assertThrows } from "@std/assert";
import { useCpu } from "../../../../core/device/cpu.ts";
import { prepareDirect } from "../../../../core/infer/load.ts";
import { prepareOnTfjs } from "../../../../core/infer/tfjs/load_on_tfjs.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { listLayers } from "../../../../core/models/layers/layers.ts";
import type { Activation, LayerSpec } from "../../../../core/models/spec.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { fc } from "../../../seeded_check.ts";
import { drawSpec, drawWeights } from "../random_spec.ts";

Deno.test("any small model classifies as on tfjs's CPU backend", async () => {
  await useCpu();
  const kinds = new Set<LayerSpec["kind"]>();
  const activations = new Set<`${LayerSpec["kind"]} ${Activation}`>();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = randomStream(seed, "direct");
      const spec = drawSpec(random);
      for (const layer of listLayers(spec.layers)) {
        kinds.add(layer.kind);
        if ("activation" in layer && layer.activation) {
          activations.add(`${layer.kind} ${layer.activation}`);
        }
      }
      const weights = drawWeights(random, spec);
      const images = Uint8Array.from(
        { length: 3 * spec.input.reduce((a, b) => a * b) },
        () => random.below(2) * random.below(256),
      );
      using reference = prepareOnTfjs(spec, weights, []);
      const expected = await reference.classify(images);
      const found = prepareDirect(spec, weights, []).classify(images);
      // Sums of float32 against float64: some hundred terms of about 1.
      found.logits.forEach((logit, i) =>
        assert(
          Math.abs(logit - expected.logits[i]) < 1e-4,
          `${JSON.stringify(spec)}: ${logit}, not ${expected.logits[i]}`,
        )
      );
    }),
    { numRuns: 400 },
  );
  assertEquals(kinds.size, 10); // All that there are, but dropout.
  assertEquals(activations.size, 4 * 8); // Every one on every kind that has one.
});

for (const kind of ["conv3x4", "depth3"]) {
  for (const padding of ["1x1x1x4", "0x5x0x0", "4x0x5x0"]) {
    Deno.test(`windows beyond the image see zeros: ${kind}:pad${padding}`, async () => {
      await useCpu();
      const spec = parseLayers(`${kind}:pad${padding}:linear,mean`, {
        input: [5, 4, 2],
        classes: 3,
      });
      const weights = drawWeights(randomStream(1, "beyond"), spec);
      const images = new Uint8Array(80).fill(200);
      using reference = prepareOnTfjs(spec, weights, []);
      const expected = await reference.classify(images);
      const { logits } = prepareDirect(spec, weights, []).classify(images);
      logits.forEach((logit, i) =>
        assert(
          Math.abs(logit - expected.logits[i]) < 1e-4,
          `${logit}, not ${expected.logits[i]}`,
        )
      );
    });
  }
}

Deno.test("weights that are not the model's are refused on either path", async () => {
  await useCpu();
  const spec = parseLayers("pool2,conv3x4,mean");
  const weights = initialWeights(spec, 1);
  const [kernel] = weights;
  const wrong: [FloatArray[], string][] = [
    [weights.slice(1), "there must be 4 weights: current value is 3"],
    [weights.with(0, { ...kernel, shape: [3, 3, 4, 1] }), "3×3×1×4"],
    [weights.with(0, { ...kernel, values: kernel.values.slice(1) }), "35"],
  ];
  for (const [given, message] of wrong) {
    for (const prepare of [prepareDirect, prepareOnTfjs]) {
      assertThrows(() => prepare(spec, given, []), RangeError, message);
    }
  }
});
