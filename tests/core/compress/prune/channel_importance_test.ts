import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { channelImportance } from "../../../../core/compress/prune/channel_importance.ts";
import { chooseChannels } from "../../../../core/compress/prune/choose_channels.ts";
import { observeInputs } from "../../../../core/compress/prune/observe_inputs.ts";
import { useCpu } from "../../../../core/device/cpu.ts";
import { initialWeights } from "../../../../core/models/initialise.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import { makeBars } from "../../bars.ts";

await useCpu();

const SPEC: ModelSpec = {
  name: "judged",
  input: [8, 8, 1],
  layers: [
    { kind: "conv2d", name: "conv", filters: 4, size: 3, activation: "relu" },
    { kind: "depthwiseConv2d", name: "deep", size: 3, activation: "relu" },
    { kind: "flatten", name: "flatten" },
    { kind: "dense", name: "hidden", units: 5, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

Deno.test("layers that choose channels of their own get scores, the last excepted", () => {
  const importance = channelImportance({
    spec: SPEC,
    weights: initialWeights(SPEC, 1),
  });
  assertEquals(
    importance.map(({ layer, scores }) => [layer, scores.length]),
    [["conv", 4], ["hidden", 5]],
  );
});

Deno.test("the norm's score doesn't change when a unit is scaled and its reader unscaled", () => {
  const weights = initialWeights(SPEC, 1);
  const [before] = channelImportance({ spec: SPEC, weights }).slice(1);
  const scaled = weights.map(({ shape, values }) => ({
    shape,
    values: values.slice(),
  }));
  const [hidden, , logits] = scaled.slice(4);
  for (let i = 2; i < hidden.values.length; i += 5) hidden.values[i] *= 8;
  for (let i = 6; i < 9; i++) logits.values[i] /= 8;
  const [after] = channelImportance({ spec: SPEC, weights: scaled }).slice(1);
  before.scores.forEach((score, i) =>
    assertAlmostEquals(after.scores[i], score, 1e-6)
  );
});

Deno.test("by activation, what never varies scores nothing, however large", async () => {
  const weights = initialWeights(SPEC, 1);
  const [hidden, bias] = weights.slice(4);
  for (let i = 1; i < hidden.values.length; i += 5) hidden.values[i] = 0;
  bias.values[1] = 100;
  const statistics = await observeInputs(
    { spec: SPEC, weights },
    makeBars().train,
  );
  const [, { scores }] = channelImportance(
    { spec: SPEC, weights },
    statistics,
  );
  assertAlmostEquals(scores[1], 0, 0.1); // A float32's rounding at 100².
  assert(scores.every((score, unit) => unit === 1 || score > scores[1]));
});

Deno.test("the best channels are chosen, in their order", () => {
  const importance = [{ layer: "a", scores: Float64Array.of(1, 5, 5, 9, 0) }];
  assertEquals(chooseChannels(importance, { a: 3 }), { a: [1, 2, 3] });
  assertEquals(chooseChannels(importance, { a: 2 }), { a: [1, 3] });
  for (const width of [0, 6, 1.5]) {
    assertThrows(
      () => chooseChannels(importance, { a: width }),
      RangeError,
      `from 1 to 5, what it has: current value is ${width}`,
    );
  }
  assertThrows(() => chooseChannels(importance, { b: 1 }), RangeError);
});
