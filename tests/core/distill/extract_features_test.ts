import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
} from "@std/assert";
import { normalisePixels } from "../../../core/data/batches.ts";
import { findFeatures } from "../../../core/distill/extract_features.ts";
import { FeatureFile } from "../../../core/distill/feature_file.ts";
import {
  type FeatureStore,
  partExamples,
  type PartName,
} from "../../../core/distill/feature_store.ts";
import { holdTrainingFeatures } from "../../../core/distill/resident_features.ts";
import { forward } from "../../../core/models/forward.ts";
import { cutModel } from "../../../core/models/trunk.ts";
import * as tf from "../../../core/tf.ts";
import { toTensor } from "../../../core/train/training_state.ts";
import {
  extractTiny,
  makeTinyExperiment,
  tinyDataset,
} from "./tiny_experiment.ts";

const experiment = await makeTinyExperiment();
const { teacher, dataset, cache } = experiment;

/** Folders of the cache, those of unfinished computations included. */
function listCache(): string[] {
  return [...Deno.readDirSync(cache)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name);
}

Deno.test("extractFeatures, stopped in the middle, leaves nothing behind", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let last = 0;
  const error = await assertRejects(
    () =>
      extractTiny(experiment, {
        signal: controller.signal,
        onProgress: (done) => {
          last = done;
          controller.abort(reason);
        },
      }),
    Error,
  );
  assertEquals(error, reason);
  assert(last > 0 && last < 870, `it stopped after ${last} of 870`);
  assertEquals(listCache(), []);
  assertEquals(await findFeatures(teacher, dataset, cache), undefined);
});

Deno.test("extractFeatures computes once, and opens what it has kept ever after", async () => {
  const reports: number[][] = [];
  const onProgress = (...report: number[]) => reports.push(report);
  const first = await extractTiny(experiment, { onProgress });
  assertEquals(reports.at(-1), [870, 870]);
  const written = await Deno.stat(first.parts.train.path);
  reports.length = 0;
  assertEquals(await extractTiny(experiment, { onProgress }), first);
  assertEquals(reports, [], "nothing was computed");
  assertEquals(await Deno.stat(first.parts.train.path), written);
  assertEquals(await findFeatures(teacher, dataset, cache), first);
});

/** The teacher's features and logits of a part, by its own forward pass. */
async function feedForward(part: PartName) {
  const examples = partExamples(dataset)[part];
  const { trunk } = cutModel(teacher.spec, teacher.weights);
  const all = Array.from({ length: examples.count }, (_, index) => index);
  const weights = teacher.weights.map(toTensor);
  const x = tf.tensor(normalisePixels(examples, all), [
    examples.count,
    ...examples.shape,
  ]);
  const features = forward(trunk, weights, x);
  const logits = forward(teacher.spec.layers, weights, x);
  const values = {
    features: await features.data(),
    logits: await logits.data(),
  };
  tf.dispose([weights, x, features, logits]);
  return values;
}

for (const part of ["train", "validation", "test"] as const) {
  Deno.test(`extractFeatures writes the teacher's own features and logits: ${part}`, async () => {
    const { width, classes, parts } = await extractTiny(experiment);
    const { count, labels, logits, precision } = parts[part];
    assertEquals([width, classes], [81, 10]);
    assertEquals(count, { train: 600, validation: 120, test: 150 }[part]);
    assertEquals(labels, partExamples(dataset)[part].labels);
    using file = new FeatureFile(parts[part], width);
    const features = file.read(Array.from({ length: count }, (_, i) => i));
    const own = await feedForward(part);
    assertEquals(logits.length, own.logits.length);
    assertEquals(features.length, own.features.length);
    // Sums may be taken in another order in batches of another size: ~1e-6 of
    // values below 10. Training features keep 11 bits beside that.
    const bits = precision === "float16" ? 2 ** -11 : 0;
    logits.forEach((value, i) =>
      assertAlmostEquals(value, own.logits[i], 1e-5)
    );
    features.forEach((value, i) =>
      assertAlmostEquals(
        value,
        own.features[i],
        1e-5 + bits * Math.abs(own.features[i]),
      )
    );
  });
}

Deno.test("extractFeatures gives equal numbers with one worker and with three", async () => {
  const one = await extractTiny(experiment);
  const three = await extractTiny(experiment, {
    cache: `${experiment.folder}/by-three`,
    workers: 3,
  });
  const bytes = (store: FeatureStore) => Deno.readFile(store.parts.test.path);
  assertEquals(await bytes(three), await bytes(one));
  assertEquals(three.parts.train.logits, one.parts.train.logits);
});

Deno.test("extractFeatures keeps other teachers' and other divisions' features apart", async () => {
  await extractTiny(experiment);
  const another = { ...teacher, sha256: "another" };
  assertEquals(await findFeatures(another, dataset, cache), undefined);
  const divided = await tinyDataset(1);
  assertEquals(divided.sha256, dataset.sha256);
  assertEquals(await findFeatures(teacher, divided, cache), undefined);
});

/** What may happen to a kept file. */
const DAMAGES: Record<string, (path: string) => Promise<void>> = {
  shortened: async (path) => {
    const { size } = await Deno.stat(path);
    await Deno.truncate(path, size - 1);
  },
  lengthened: (path) =>
    Deno.writeFile(path, Uint8Array.of(0), { append: true }),
  emptied: (path) => Deno.truncate(path, 0),
  missing: (path) => Deno.remove(path),
};

for (
  const file of ["train.features", "test.features", "logits.safetensors"]
    .concat("index.json")
) {
  Deno.test(`findFeatures doesn't take a store for whole whose ${file} is damaged`, async () => {
    const store = await extractTiny(experiment);
    const folder = store.parts.train.path.replace(/\/[^/]*$/, "");
    const path = `${folder}/${file}`;
    const whole = await Deno.readFile(path);
    for (const [name, damage] of Object.entries(DAMAGES)) {
      await damage(path);
      assertEquals(
        await findFeatures(teacher, dataset, cache),
        undefined,
        name,
      );
      await Deno.writeFile(path, whole);
      assertEquals(await findFeatures(teacher, dataset, cache), store);
    }
  });
}

Deno.test("extractFeatures computes a damaged store anew", async () => {
  const store = await extractTiny(experiment);
  const { path } = store.parts.train;
  const whole = await Deno.readFile(path);
  await Deno.truncate(path, 1000);
  assertEquals(await extractTiny(experiment), store);
  assertEquals(await Deno.readFile(path), whole);
  assertEquals(listCache().length, 1, "the damaged one is gone");
});

Deno.test("holdTrainingFeatures holds the training features' very bytes", async () => {
  const store = await extractTiny(experiment);
  const { resident, ...train } =
    (await holdTrainingFeatures(store)).parts.train;
  assertEquals(train, store.parts.train);
  if (!resident) throw new Error("The features are not held");
  assertEquals(
    new Uint8Array(new Uint8Array(resident)),
    await Deno.readFile(train.path),
  );
});
