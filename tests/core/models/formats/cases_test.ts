/**
 * Models from the field, `cases/NAME.json` as tfjs, or a converter, wrote them: each
 * answers on digits as in stock tfjs; where stock tfjs can't load it, as the teacher in
 * whose words it is.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { prepareDirect } from "../../../../core/infer/load.ts";
import {
  type LoadedModel,
  loadModel,
} from "../../../../core/models/formats/load_model.ts";
import { loadShippedTeacher } from "../../../../core/models/shipped_teacher.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";

const CASES = new URL("./cases/", import.meta.url);

/** The seed's teacher in other words: it answers as it does. */
const TEACHERS = [
  ...["softmax_act", "activation_layers", "relu_layers", "functional"],
  ...["keras3", "dotslash", "defaultsmissing", "poolstridesnull", "reshape784"],
  ...["nested", "logits_only", "poolsame", "convolution2d", "rescaling"],
];
/** Its weights in a network that isn't the same. */
const KIN = [
  ...["zeropadding", "relu6", "act_elu", "act_tanh", "act_sigmoid", "nobias"],
];
/** Other shapes of network, whose weights are drawn. */
const SHAPES = [
  ...["gap", "dense4d", "dense4dgap", "depthmult", "depthwise", "dilated"],
  ...["rect", "pool3", "poolover", "samepad_even_stride3", "separable"],
  ...["gmax", "softmaxaxis", "mlp784", "mlpflat", "mlpflat4"],
];
/** What can't be a classifier of ours, and what is said of it. */
const REFUSED: Record<string, string> = {
  anysize:
    "an input extent must be a number from 1 to 16777216: found null; give the model an input of one size",
};
/** Ends in one sigmoid: the second of two classes, of which `evaluate` and its kin say a word. */
const ONE_SIGMOID = "relu_then_softmax_units1";
/** Words that stock tfjs doesn't know. */
const OLDER = ["convolution2d", "keras3"];

const { test } = await loadMnist();
const COUNT = 3;
const bytes = new Uint8Array(test.images).subarray(0, COUNT * 784);
const teacher = await loadShippedTeacher();

interface Case {
  json: Record<string, unknown>;
  data: Uint8Array<ArrayBuffer>;
}

/** A case's two files; its weights are the teacher's, or drawn. */
async function readCase(name: string): Promise<Case & { path: string }> {
  const json = JSON.parse(
    await Deno.readTextFile(new URL(`${name}.json`, CASES)),
  );
  const [{ weights, paths }] = json.weightsManifest;
  const path: string = paths[0];
  if ([...TEACHERS, ...KIN].includes(name)) {
    // In its order, but for those that the case goes without.
    const left = teacher.weights.values();
    const parts = weights.map(({ shape }: { shape: number[] }) => {
      const found = left.find((each) => each.shape.join() === shape.join());
      return new Uint8Array(found?.values.buffer ?? []);
    });
    const data = new Uint8Array(await new Blob(parts).arrayBuffer());
    return { json, path, data };
  }
  const random = randomStream(3, name);
  const values = weights.flatMap(({ shape }: { shape: number[] }) =>
    Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => (random.uniform() - 0.5) / 2,
    )
  );
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { json, path, data };
}

/** What Retort loads of a case. */
async function loadCase(name: string): Promise<LoadedModel & Case> {
  const made = await readCase(name);
  const folder = await Deno.makeTempDir();
  try {
    const text = JSON.stringify(made.json);
    await Deno.writeTextFile(`${folder}/${name}.json`, text);
    await Deno.writeFile(`${folder}/${made.path}`, made.data);
    return { ...await loadModel(`${folder}/${name}.json`), ...made };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What stock tfjs says of the digits, by the two files. */
async function askStock({ json, data }: Case): Promise<Float32Array> {
  tf.setWasmPaths(tf.wasmBinaryFolder());
  // Its Wasm answers zeros where padded windows leave gaps.
  await tf.setBackend(data.length > 1e6 ? "wasm" : "cpu");
  const { modelTopology, weightsManifest: [{ weights: weightSpecs }] } = JSON
    .parse(JSON.stringify(json));
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs, weightData: data.buffer }),
  );
  const shape = model.inputs[0].shape.slice(1).map(Number);
  const isBytes = JSON.stringify(json).includes('"Rescaling"');
  const pixels = Float32Array.from(bytes, (b) => isBytes ? b : b / 255);
  const [answer] = [model.predict(tf.tensor(pixels, [COUNT, ...shape]))].flat();
  const values = Float32Array.from(await answer.data());
  model.dispose();
  tf.disposeVariables();
  return values;
}

/** What a loaded model says of the digits. */
function classify({ spec, weights }: LoadedModel) {
  const labels = Array.from({ length: 10 }, (_, label) => `${label}`);
  const pixels = Float32Array.from(bytes, (byte) => byte / 255);
  return prepareDirect(spec, weights, labels).classify(pixels);
}

const own = classify(teacher);

function assertClose(found: Float32Array, wanted: Float32Array, what: string) {
  assertEquals(found.length, wanted.length);
  found.forEach((value, i) =>
    assert(Math.abs(value - wanted[i]) < 2e-4, `${what}: ${i}: ${value}`)
  );
}

Deno.test("each case is held by a row", async () => {
  const there = [];
  for await (const { name } of Deno.readDir(CASES)) {
    there.push(name.replace(/\.json$/, ""));
  }
  const held = [
    ...TEACHERS,
    ...KIN,
    ...SHAPES,
    ...Object.keys(REFUSED),
    ONE_SIGMOID,
  ];
  assertEquals(there.sort(), held.sort());
});

for (const name of [...TEACHERS, ...KIN, ...SHAPES]) {
  Deno.test(`the case ${name} answers as it should`, async () => {
    const loaded = await loadCase(name);
    const { logits, probabilities } = classify(loaded);
    if (TEACHERS.includes(name)) {
      assertClose(logits, own.logits, name);
      // Weights, but for what a scale of the pixels does to the first.
      assertEquals(loaded.weights.slice(1), teacher.weights.slice(1));
      assertEquals(loaded.weights[0].shape, teacher.weights[0].shape);
    }
    if (OLDER.includes(name)) return;
    const stock = await askStock(loaded);
    const isProbability = stock.every((value) => value >= 0) &&
      Math.abs(stock.subarray(0, 10).reduce((a, b) => a + b) - 1) < 1e-4;
    assertClose(isProbability ? probabilities : logits, stock, name);
  });
}

for (const [name, message] of Object.entries(REFUSED)) {
  Deno.test(`the case ${name} is refused in words`, async () => {
    await assertRejects(() => loadCase(name), Error, message);
  });
}

Deno.test(`the case ${ONE_SIGMOID} is read as two classes`, async () => {
  const loaded = await loadCase(ONE_SIGMOID);
  assertEquals(loaded.ends, "one sigmoid");
  const pixels = Float32Array.from(bytes, (byte) => byte / 255);
  const { probabilities } = prepareDirect(loaded.spec, loaded.weights, [
    "no",
    "yes",
  ]).classify(pixels);
  const second = probabilities.filter((_, i) => i % 2 === 1);
  assertClose(second, await askStock(loaded), ONE_SIGMOID);
});

for (const name of OLDER) {
  Deno.test(`stock tfjs doesn't load the words of ${name}`, async () => {
    await assertRejects(async () => await askStock(await readCase(name)));
  });
}
