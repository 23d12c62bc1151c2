import { assert } from "@std/assert";
import { roundingBounds } from "../../../core/compress/rounding_bounds.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import { prepareDirect } from "../../../core/infer/load.ts";
import { prepareOnTfjs } from "../../../core/infer/tfjs/load_on_tfjs.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { shuffledIndices } from "../../../core/random/shuffle.ts";
import { fc } from "../../seeded_check.ts";
import { drawSpec, drawWeights } from "../infer/random_spec.ts";

/** n inputs, all of them summed to one logit. */
function sumSpec(inputs: number): ModelSpec {
  return {
    name: "sum",
    input: [1, inputs, 1],
    layers: [
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "logits", units: 1, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
}

/** Σ xᵢ·wᵢ, every product and every sum rounded to float32, in the order given. */
function sumInFloat32(
  x: Float32Array,
  weights: Float32Array,
  order: Iterable<number>,
): number {
  let sum = 0;
  for (const i of order) {
    sum = Math.fround(sum + Math.fround(x[i] * weights[i]));
  }
  return sum;
}

Deno.test("a float32 sum in any order is within the bound, which is not loose beyond n", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (inputs, seed) => {
      const random = randomStream(seed, "sum");
      const draw = () =>
        Float32Array.from({ length: inputs }, () => 2 * random.uniform() - 1);
      const [x, values] = [draw(), draw()];
      const weights = [
        { shape: [inputs, 1], values },
        { shape: [1], values: Float32Array.of(0) },
      ];
      const spec = sumSpec(inputs);
      const [bound] = roundingBounds(spec, weights, x);
      const { logits: [exact] } = prepareDirect(spec, weights, []).classify(x);
      const sum = sumInFloat32(x, values, shuffledIndices(inputs, random));
      assert(Math.abs(sum - exact) <= bound, `${sum}, not ${exact}`);
      const size = x.reduce(
        (all, each, i) => all + Math.abs(each * values[i]),
        0,
      );
      assert(
        bound < (inputs + 10) * 2 ** -24 * (size + Math.abs(exact)) * 1.01,
      );
    }),
  );
});

Deno.test("any small model's logits on Wasm are within the bound", async () => {
  await useWasm();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = randomStream(seed, "bounds");
      const spec = drawSpec(random);
      const weights = drawWeights(random, spec);
      const images = Uint8Array.from(
        { length: 2 * spec.input.reduce((a, b) => a * b) },
        () => random.below(256),
      );
      using model = prepareOnTfjs(spec, weights, []);
      const { logits } = await model.classify(images);
      const exact = prepareDirect(spec, weights, []).classify(images).logits;
      const bounds = roundingBounds(spec, weights, images);
      const width = exact.length / 2;
      logits.forEach((logit, i) => {
        const bound = bounds[Math.floor(i / width)];
        assert(
          Math.abs(logit - exact[i]) <= bound,
          `${JSON.stringify(spec)}: ${logit}, not ${exact[i]} to ${bound}`,
        );
      });
    }),
    { numRuns: 100 },
  );
});
