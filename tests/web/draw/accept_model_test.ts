import { assertEquals, assertThrows } from "@std/assert";
import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { acceptModel } from "../../../web/components/draw/accept_model.ts";
import { PLAIN_READER } from "../../../web/components/draw/plain_reader.ts";
import { makeAnswer } from "../../../web/components/draw/answer.ts";
import { smallDram, smallModel } from "../../core/infer/small_model.ts";

/** A file of a model of `spec` whose weights are all 0. */
function blankDram(spec: ModelSpec): Uint8Array {
  const tensors = weightShapes(spec).map((shape) => ({
    kind: "uniform" as const,
    shape,
    bits: 2,
    scale: Float32Array.of(1),
    levels: new Int8Array(shape.reduce((a, b) => a * b)),
  }));
  const classes = tensors[tensors.length - 1].shape[0];
  const labels = Array.from({ length: classes }, (_, i) => String(i));
  return encodeDram({ spec, labels, tensors });
}

Deno.test("a model that reads digits is taken as it is", () => {
  const image = new Float32Array(784).fill(0.5);
  assertEquals(
    acceptModel(smallDram(), PLAIN_READER).model.classify(image),
    loadEncoded(smallModel()).classify(image),
  );
});

Deno.test("bytes that are no model are refused", () => {
  assertThrows(
    () => acceptModel(new Uint8Array(20), PLAIN_READER),
    SyntaxError,
  );
  assertThrows(
    () => acceptModel(smallDram().slice(0, -1), PLAIN_READER),
    SyntaxError,
  );
});

Deno.test("a model of other images is refused", () => {
  const spec: ModelSpec = { ...smallModel().spec, input: [28, 28, 3] };
  assertThrows(
    () => acceptModel(blankDram(spec), PLAIN_READER),
    RangeError,
    "it must read images of 28×28×1: it reads 28×28×3; `deno task export FILE.dram --to html` makes a page",
  );
});

/** A model of images of 28×28 that tells `units` classes apart. */
function specOf(units: number): ModelSpec {
  return {
    name: "other",
    input: [28, 28, 1],
    layers: [
      { kind: "flatten", name: "flat" },
      { kind: "dense", name: "logits", units, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
}

Deno.test("a model of other classes than digits is taken, one that tells none apart is not", () => {
  for (const units of [2, 3, 26, 1000]) {
    const { model } = acceptModel(blankDram(specOf(units)), PLAIN_READER);
    const answer = model.classify(new Float32Array(784));
    assertEquals(makeAnswer(answer, model.labels).best.label, "0");
    assertEquals(answer.probabilities.length, units);
  }
  for (const units of [1, 1001]) {
    assertThrows(
      () => acceptModel(blankDram(specOf(units)), PLAIN_READER),
      RangeError,
      "it must tell 2 to 1000 classes apart: it gives",
    );
  }
});

Deno.test("a small file that asks for much work is refused before it is done", () => {
  const spec = parseLayers("conv3x128,conv3x256,conv3x64,mean");
  assertThrows(
    () => acceptModel(blankDram(spec), PLAIN_READER),
    RangeError,
    "operations to classify an image",
  );
  assertThrows(
    () => acceptModel(smallDram(), PLAIN_READER, { budget: { weights: 100 } }),
    RangeError,
    "at most 100 weights: it has 160",
  );
});
