import { assert, assertEquals, assertRejects } from "@std/assert";
import { openFeatureStore } from "../../../core/distill/feature_store.ts";
import { holdTrainingFeatures } from "../../../core/distill/resident_features.ts";
import { extractTiny, makeTinyExperiment } from "./tiny_experiment.ts";

const experiment = await makeTinyExperiment();
const { teacher, dataset, cache } = experiment;

/** Folders of the cache, those of unfinished computations included. */
function listCache(): string[] {
  return [...Deno.readDirSync(cache)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name);
}

/** The folder of the experiment's features. */
async function storeFolder(): Promise<string> {
  const { parts } = await extractTiny(experiment);
  return parts.train.path.replace(/\/[^/]*$/, "");
}

/** Bytes of a file to be flipped: all of a short one; the header and a sample of a long one. */
function placesIn(length: number): number[] {
  const all = Array.from({ length }, (_, place) => place);
  const step = Math.ceil(length / 30);
  return length <= 300
    ? all
    : all.filter((place) =>
      place < 64 || place % step === Math.floor(place / step) % step ||
      place === length - 1
    );
}

Deno.test("a store with any byte of any file flipped is not taken for whole, and it is said why", async () => {
  const folder = await storeFolder();
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assertEquals(files.length, 8);
  for (const name of files) {
    const path = `${folder}/${name}`;
    const whole = await Deno.readFile(path);
    for (const place of placesIn(whole.length)) {
      const flipped = whole.slice();
      flipped[place] ^= 1 << place % 8;
      await Deno.writeFile(path, flipped);
      const reasons: string[] = [];
      const store = await openFeatureStore(
        folder,
        dataset,
        (reason) => reasons.push(reason),
      );
      assertEquals(store, undefined, `${name}, byte ${place}`);
      assertEquals(reasons.length, 1);
      assert(reasons[0].includes(path), reasons[0]);
    }
    await Deno.writeFile(path, whole);
  }
});

Deno.test("extractFeatures computes what has changed, or is of an earlier version, anew, with a word", async () => {
  const store = await extractTiny(experiment);
  const folder = await storeFolder();
  const bytes = await Deno.readFile(store.parts.train.path);
  bytes[999] ^= 4;
  await Deno.writeFile(store.parts.train.path, bytes);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  for (let time = 0; time < 2; time++) {
    assertEquals(await extractTiny(experiment, { onNote }), store);
  }
  assertEquals(notes.length, 1);
  assert(notes[0].startsWith("the teacher's features are computed anew: "));
  await Deno.writeTextFile(
    `${folder}/index.json`,
    JSON.stringify({ version: 1, width: 81, classes: 10 }),
  );
  assertEquals(await extractTiny(experiment, { onNote }), store);
  assert(notes[1].includes("be of version 2: it is of 1"), notes[1]);
});

Deno.test("extractFeatures refuses features and logits that aren't finite", async () => {
  const scaled = (index: number, factor: number) => ({
    ...teacher,
    sha256: `${index} ${factor}`,
    weights: teacher.weights.map((weight, i) =>
      i !== index ? weight : {
        ...weight,
        values: weight.values.map((value) => value * factor),
      }
    ),
  });
  for (
    const [index, factor, message] of [
      [0, NaN, "its features must be finite"],
      [0, 1e6, "its features must be below 65520"],
      [0, 3e38, "its features must be finite"],
      [4, NaN, "its logits must be finite"],
    ] as const
  ) {
    const error = await assertRejects(
      () => extractTiny({ ...experiment, teacher: scaled(index, factor) }),
      Error,
      message,
    );
    assertEquals(error.name, "RangeError");
    assertEquals(listCache().length, 1, "nothing else is left");
  }
});

Deno.test("holdTrainingFeatures refuses features that have changed since they were opened", async () => {
  const store = await extractTiny(experiment);
  const { path } = store.parts.train;
  const whole = await Deno.readFile(path);
  const flipped = whole.slice();
  flipped[12345] ^= 8;
  await Deno.writeFile(path, flipped);
  await assertRejects(
    () => holdTrainingFeatures(store),
    SyntaxError,
    "must be what was written",
  );
  await Deno.writeFile(path, whole);
});
