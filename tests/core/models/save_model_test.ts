import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { initialWeights } from "../../../core/models/initialise.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import { loadModel } from "../../../core/models/formats/load_model.ts";
import {
  manifestVersions,
  recordedSplit,
} from "../../../core/models/manifest.ts";
import { saveModel } from "../../../core/models/save_model.ts";
import * as tf from "../../../core/tf.ts";
import { serveFolder } from "./serve_folder.ts";
import { makeFolder, MANIFEST, SPEC, WEIGHTS } from "./tiny_folder.ts";

/** 3·3·1·2 + 2, 8·4 + 4 and 4·3 + 3 numbers. */
const BYTES = 4 * (20 + 36 + 15);

Deno.test("loadModel gives back what saveModel was given", async () => {
  await using made = await makeFolder();
  const { spec, weights, bytes, manifest } = await loadModel(made.folder);
  assertEquals(spec, SPEC);
  assertEquals(weights, WEIGHTS);
  assertEquals(bytes, BYTES);
  assertEquals(manifest, JSON.parse(JSON.stringify(MANIFEST)));
  const files = [...Deno.readDirSync(made.folder)].map(({ name }) => name);
  assertEquals(files.sort(), ["manifest.json", "model.json", "weights.bin"]);
});

Deno.test("a padded maximum behind a relu is saved as zeros before a maximum, and comes back", async () => {
  const spec = parseLayers("conv2x3,drop0.5,max3/2:pad1x0x1x1", {
    input: [6, 6, 1],
    classes: 3,
  });
  await using made = await makeFolder();
  const weights = initialWeights(spec, 8);
  await saveModel(made.folder, weights, { ...MANIFEST, spec });
  const loaded = await loadModel(made.folder);
  assertEquals([loaded.spec, loaded.weights], [spec, weights]);
});

Deno.test("loadModel takes a path, a file URL and an http URL, with or without a slash", async () => {
  await using made = await makeFolder();
  await using server = serveFolder(made.folder);
  const model = await loadModel(made.folder);
  for (
    const location of [
      `${made.folder}/`,
      `file://${made.folder}`,
      new URL(`file://${made.folder}/`),
      server.url,
      new URL(server.url),
    ]
  ) assertEquals(await loadModel(location), model);
});

Deno.test("a model's hash tells its layers and its weights", async () => {
  await using made = await makeFolder();
  const { sha256 } = await loadModel(made.folder);
  const [first, ...rest] = WEIGHTS;
  const moved = { ...first, values: first.values.map((value) => value + 1) };
  await saveModel(made.folder, [moved, ...rest], MANIFEST);
  const other = await loadModel(made.folder);
  assertNotEquals(other.sha256, sha256);
  await saveModel(made.folder, WEIGHTS, { ...MANIFEST, date: "2027-01-01" });
  assertEquals((await loadModel(made.folder)).sha256, sha256);
});

Deno.test("a model without a manifest loads, and records no split", async () => {
  await using made = await makeFolder();
  assertEquals(
    recordedSplit(await loadModel(made.folder), MANIFEST.dataset),
    MANIFEST.dataset.split,
  );
  await Deno.remove(`${made.folder}/manifest.json`);
  const model = await loadModel(made.folder);
  assertEquals(model.manifest, undefined);
  assertEquals(recordedSplit(model, MANIFEST.dataset), undefined);
});

for (
  const dataset of [
    undefined,
    null,
    [],
    { name: "x" },
    { split: null },
    { split: { seed: "0", validation: 1 } },
    { split: { seed: 0 }, sha256: {} },
    { split: { seed: 0, validation: 1 } },
    { split: { seed: 0, validation: 1 }, sha256: { other: "00" } },
  ]
) {
  Deno.test(`recordedSplit takes nothing from the dataset ${JSON.stringify(dataset)}`, async () => {
    await using made = await makeFolder();
    const model = await loadModel(made.folder);
    const changed = { ...model, manifest: { dataset } };
    assertEquals(recordedSplit(changed, { sha256: {} }), undefined);
  });
}

Deno.test("manifestVersions tells what is running", () => {
  const { versions, date } = manifestVersions();
  assertEquals(versions.deno, Deno.version.deno);
  assertEquals(versions.tfjs, tf.version_core);
  assert(/^\d{4}-\d\d-\d\d$/.test(date));
});

Deno.test("saveModel frees every tensor", async () => {
  const before = tf.memory().numTensors;
  await using _made = await makeFolder();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("saveModel leaves the older model whole where the new one's manifest can't be written", async () => {
  await using made = await makeFolder();
  const { folder } = made;
  const before = await loadModel(folder);
  const [first, ...rest] = WEIGHTS;
  const moved = { ...first, values: first.values.map((value) => value + 1) };
  const manifest = { ...MANIFEST, configuration: { seed: 1n } };
  await assertRejects(
    () => saveModel(folder, [moved, ...rest], manifest),
    TypeError,
    "BigInt",
  );
  assertEquals(await loadModel(folder), before);
});
