import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { type Examples, selectExamples } from "../../core/data/dataset.ts";
import { loadMnist } from "../../core/data/mnist.ts";
import { defaultSplit, splitDataset } from "../../core/data/split.ts";
import { load } from "../../core/infer/load.ts";
import { scoreAnswers } from "../../core/infer/score_answers.ts";
import { randomStream } from "../../core/random/stream.ts";
import { findBlankPixels } from "../../site/make_site.ts";
import { inspectModel } from "../../site/inspect_model.ts";
import type { SiteInside } from "../../site/inside_data.ts";
import { makeDram } from "./inside/encoded_models.ts";
import { readPng } from "./inside/read_png.ts";

const SHIPPED = new URL("../../models/compact/", import.meta.url);
const NOT_BLANK = new Array<boolean>(784).fill(false);

const mnist = await loadMnist();
const { train } = splitDataset(mnist, defaultSplit(mnist));
const blank = findBlankPixels(train);
const someTest = selectExamples(
  mnist.test,
  Array.from({ length: 100 }, (_, i) => 99 * i),
);

/** Images of noise, with classes that mean nothing. */
function drawNoise(count: number): Examples<Uint8Array> {
  const random = randomStream(1, "noise");
  return {
    ...{ count, shape: [28, 28, 1] as const },
    images: Uint8Array.from({ length: count * 784 }, () => random.below(256)),
    labels: Uint8Array.from({ length: count }, () => random.below(10)),
  };
}

const noise = drawNoise(60);

function inspectNoise(
  dram: Uint8Array,
  teacher: Uint8Array | null,
): SiteInside {
  return inspectModel({
    ...{ name: "noise", dram, test: noise, blank: NOT_BLANK },
    classes: load(dram).classify(noise.images).classes,
    teacher: teacher && load(teacher).classify(noise.images).classes,
  });
}

async function inspectShipped(name: string): Promise<SiteInside> {
  const dram = await Deno.readFile(new URL(`${name}.dram`, SHIPPED));
  const { classes } = load(dram).classify(someTest.images);
  const teacher = someTest.labels;
  return inspectModel({ name, dram, test: someTest, classes, teacher, blank });
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

for (const layers of ["conv5x4/2,max2,conv3x5", "dense20", "conv3x2,dense3"]) {
  Deno.test(`the parts of a file are its length, and the layers its weights: ${layers}`, () => {
    const dram = makeDram(layers, { zeros: 0.3 });
    const inside = inspectNoise(dram, null);
    assertAlmostEquals(
      sum(inside.parts.map(({ bytes }) => bytes)),
      dram.length,
      1e-3,
    );
    const held = inside.parts.filter(({ part }) =>
      ["headers", "scales", "weights"].includes(part)
    );
    assertAlmostEquals(
      sum(inside.tensors.map(({ bytes }) => bytes)),
      sum(held.map(({ bytes }) => bytes)),
      1e-3,
    );
    assertEquals(
      sum(inside.tensors.map(({ weights }) => weights)),
      inside.parameters,
    );
    const zeros = sum(inside.tensors.map(({ zeros }) => zeros));
    assertEquals(inside.left, inside.parameters - zeros);
  });
}

Deno.test("confusions add up to the images, their diagonal to the accuracy", () => {
  const dram = makeDram("conv5x4/2,max2,conv3x5");
  const { confusion } = inspectNoise(dram, null);
  const { accuracy } = scoreAnswers(
    load(dram).classify(noise.images),
    noise.labels,
  );
  assertEquals(sum(confusion.flat()), noise.count);
  assertAlmostEquals(
    sum(confusion.map((row, i) => row[i])) / noise.count,
    accuracy,
    1e-12,
  );
  confusion.forEach((row, label) =>
    assertEquals(sum(row), noise.labels.filter((one) => one === label).length)
  );
});

Deno.test("disagreements are those of the two models asked one by one", () => {
  const [model, teacher] = [1, 2].map((seed) => makeDram("dense20", { seed }));
  const { disagreement } = inspectNoise(model, teacher);
  if (!disagreement) throw new Error("there must be a teacher");
  const [own, other] = [model, teacher].map((dram) =>
    load(dram).classify(noise.images)
  );
  const different = [...own.classes.keys()].filter((i) =>
    own.classes[i] !== other.classes[i]
  );
  const rightAmong = ({ classes }: typeof own) =>
    different.filter((i) => classes[i] === noise.labels[i]).length;
  assert(different.length > 0);
  assertEquals(disagreement.count, different.length);
  assertEquals(disagreement.modelRight, rightAmong(own));
  assertEquals(disagreement.teacherRight, rightAmong(other));
  assertEquals(disagreement.examples.length, Math.min(24, different.length));
  for (const example of disagreement.examples) {
    const { index, label, confidence, picture } = example;
    assert(different.includes(index));
    assertEquals(
      [label, example.model, example.teacher],
      [noise.labels[index], own.classes[index], other.classes[index]],
    );
    const probability = own.probabilities[10 * index + example.model];
    assertAlmostEquals(confidence, probability, 1e-4);
    const image = noise.images.subarray(784 * index, 784 * (index + 1));
    assertEquals(
      readPng(Uint8Array.fromBase64(picture.png)).pixels,
      Array.from(image, (pixel) => Math.ceil(pixel / 255 * 15)),
    );
  }
});

Deno.test("of MNIST's pixels 67 are 0 in all 60,000 images to learn from", () => {
  const { images } = mnist.train;
  const all = findBlankPixels(mnist.train);
  const lit = new Array<boolean>(784).fill(false);
  images.forEach((value, i) => {
    if (value !== 0) lit[i % 784] = true;
  });
  assertEquals(all, lit.map((isLit) => !isLit));
  assertEquals(all.filter(Boolean).length, 67);
});

Deno.test("the shipped LeNet-300-100 has no weight left on a blank pixel", async () => {
  const { border, units, masks, filters, gaps } = await inspectShipped(
    "lenet-300-100",
  );
  assertEquals(border.blank, blank.filter(Boolean).length);
  assertEquals(border.blankRead, 0);
  const { pixels } = readPng(Uint8Array.fromBase64(border.picture.png));
  const grey = 14;
  assertEquals(pixels.map((colour) => colour === grey), blank);
  assertEquals(units?.pictures.length, 16);
  assertEquals(masks.map(({ rows, columns }) => [rows, columns]), [[298, 784], [
    100,
    298,
  ]]);
  assertEquals(filters, null);
  assertEquals(gaps.map(({ section }) => section), ["filters", "features"]);
});

Deno.test("the seed's student shows its filters and where its dense layer looks", async () => {
  const { features, filters, units, masks } = await inspectShipped("student-6");
  assertEquals(features?.shape, [12, 12, 16]);
  assertEquals(features?.left, masks[0].left);
  assertEquals([filters?.values.length, filters?.values[0].length], [8, 9]);
  assertEquals([filters?.levels, units], [null, null]); // held by a codebook
});

Deno.test("filters are the file's levels, scaled", async () => {
  const { filters } = await inspectShipped("digits-99");
  if (!filters?.levels) throw new Error("there must be levels");
  const { levels } = filters;
  const scales = filters.values.flatMap((filter, f) =>
    filter.map((w, i) => [w, levels[f][i]])
  ).filter(([, level]) => level !== 0).map(([w, level]) => w / level);
  scales.forEach((scale) => assertAlmostEquals(scale, scales[0], 1e-5));
});

Deno.test("a mask is shown of layers that are at least half zeros, and counts what is left", () => {
  const { masks } = inspectNoise(makeDram("dense70", { zeros: 0.9 }), null);
  assertEquals(masks.map(({ cell }) => cell), [[2, 9], [1, 1]]);
  const [{ left, rows, columns }] = masks;
  assertAlmostEquals(left / rows / columns, 0.1 * 15 / 16, 0.01);
  assertEquals(
    inspectNoise(makeDram("dense20", { zeros: 0.3 }), null).masks,
    [],
  );
});

Deno.test("what a model can't show is null, with a reason", () => {
  const inside = inspectNoise(makeDram("conv5x4/2,max2,conv3x5"), null);
  assertEquals([inside.units, inside.features, inside.disagreement], [
    null,
    null,
    null,
  ]);
  assertEquals(
    inside.gaps.map(({ section }) => section),
    ["units", "features", "masks", "disagreement"],
  );
});

Deno.test("what the page needs of a model is less than 40 kB, and the same each time", async () => {
  const text = JSON.stringify(await inspectShipped("lenet-300-100"));
  assert(text.length < 40_000, `${text.length} bytes`);
  assertEquals(JSON.stringify(await inspectShipped("lenet-300-100")), text);
});

Deno.test("answers that are missing and images of another size are refused", () => {
  const dram = makeDram("dense20");
  const model = {
    name: "short",
    dram,
    test: noise,
    blank: NOT_BLANK,
    teacher: null,
  };
  assertThrows(
    () => inspectModel({ ...model, classes: [1] }),
    RangeError,
    "a class for each of 60 images: it has 1",
  );
  const test = { ...noise, shape: [14, 56, 1] as const };
  assertThrows(
    () => inspectModel({ ...model, test, classes: noise.labels }),
    RangeError,
    "they are 14×56×1",
  );
});
