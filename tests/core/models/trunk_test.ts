import { assertEquals, assertThrows } from "@std/assert";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { studentOf, studentSpec } from "../../../core/models/student.ts";
import { teacherSpec } from "../../../core/models/teacher.ts";
import { cutModel, trunkOf } from "../../../core/models/trunk.ts";
import { SPEC, WEIGHTS } from "./tiny_folder.ts";

const WITHOUT_FLATTEN = {
  ...SPEC,
  layers: SPEC.layers.filter(({ kind }) => kind !== "flatten"),
};

Deno.test("cutModel cuts layers and weights after flatten, and drops the trunk's dropout", () => {
  const cut = cutModel(SPEC, WEIGHTS);
  assertEquals(cut.trunk.map(({ name }) => name), ["conv", "pool", "flatten"]);
  assertEquals(cut.head.map(({ name }) => name), [
    "hidden",
    "logits",
    "softmax",
  ]);
  assertEquals(cut.trunkWeights, WEIGHTS.slice(0, 2));
  assertEquals(cut.headWeights, WEIGHTS.slice(2));
  assertEquals(cut.features, 2 * 2 * 2);
});

Deno.test("cutModel refuses a model without a flatten layer", () => {
  assertThrows(() => trunkOf(WITHOUT_FLATTEN), RangeError, "a flatten layer");
  assertThrows(() => cutModel(WITHOUT_FLATTEN, WEIGHTS), RangeError);
});

Deno.test("studentOf the experiment's teacher is its student, whatever image and classes", () => {
  const options = { hidden: 6, dropout: 0.5 };
  assertEquals(studentOf(teacherSpec(), options), studentSpec(options));
  const input = [14, 15, 3] as const;
  assertEquals(
    studentOf(teacherSpec({ input, classes: 4 }), options),
    studentSpec({ ...options, input, classes: 4 }),
  );
});

Deno.test("studentOf keeps the convolutions of any teacher", () => {
  const { input, layers } = studentOf(SPEC, { hidden: 2 });
  assertEquals(input, SPEC.input);
  assertEquals(layers.slice(0, 3), trunkOf(SPEC));
  assertEquals(layers.slice(3), [
    { kind: "dropout", name: "dropout", rate: 0.2 },
    { kind: "dense", name: "hidden", units: 2, activation: "relu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ]);
  assertThrows(() => studentOf(SPEC, { hidden: 0 }), RangeError);
});

Deno.test("a model of integers isn't cut: its features are no real numbers", () => {
  const spec = parseLayers("conv3x8:round7,max2", { shift: 5 });
  assertThrows(() => trunkOf(spec), RangeError, "model of integers");
});
