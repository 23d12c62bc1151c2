/**
 * Files as Keras saves them, made by `tests/golden/make_keras.py`: each is loaded to what
 * stock tfjs gives for the same layers and numbers, or refused in words.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertRejects } from "@std/assert";
import { inflateSync } from "node:zlib";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import * as tf from "../../../../../core/tf.ts";
import FILES from "../../../../golden/keras.json" with { type: "json" };
import { mutateKeras } from "./mutate_keras.ts";

const files: Record<string, string> = FILES;

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(inflateSync(Uint8Array.fromBase64(files[name])));
}

/** Calls `use` with the path of a file called `name` that holds `bytes`. */
async function withFile(
  name: string,
  bytes: Uint8Array,
  use: (path: string) => Promise<unknown>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    await use(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The model of the files, by tfjs's own layers: numbers of a sine, each weight from its place on. */
function stockModel(): tf.LayersModel {
  const { layers } = tf;
  const model = tf.sequential();
  const all = [
    layers.conv2d({
      inputShape: [7, 6, 1],
      filters: 3,
      kernelSize: [3, 2],
      activation: "relu",
    }),
    layers.batchNormalization({ epsilon: 0.001 }),
    layers.conv2d({ filters: 4, kernelSize: 2, useBias: false }),
    layers.flatten(),
    layers.dense({ units: 5, activation: "tanh" }),
    layers.dense({ units: 5, activation: "relu" }),
    layers.dense({ units: 3 }),
  ];
  for (const layer of all) model.add(layer);
  let seed = 0;
  for (const layer of all) {
    layer.setWeights(
      layer.getWeights().map(({ shape }, place) => {
        const size = shape.reduce((a, b) => a * b, 1);
        // gamma, and the variance, lie about 1.
        const lift = layer.getClassName() === "BatchNormalization" &&
            (place === 0 || place === 3)
          ? 1
          : 0;
        const first = seed++;
        const values = Float32Array.from(
          { length: size },
          (_, i) => Math.sin(0.7 * i + first) / 2 + lift,
        );
        return tf.tensor(values, shape);
      }),
    );
  }
  return model;
}

const pixels = (() => {
  const random = randomStream(1, "pixels");
  return Float32Array.from({ length: 2 * 42 }, () => random.uniform());
})();

for (
  const name of [
    ...["plain.h5", "nested.h5", "bytes.h5", "gzip.h5", "latest.h5"],
    ...["plain.keras", "nested.keras", "older.keras"],
  ]
) {
  Deno.test(`Keras' ${name} is loaded to the answers of its layers`, async () => {
    await tf.setBackend("cpu");
    const images = tf.tensor(pixels, [2, 7, 6, 1]);
    const [output] = [stockModel().predict(images)].flat();
    const expected = await output.data();
    await withFile(name, bytesOf(name), async (path) => {
      const { spec, weights } = await loadModel(path);
      const { logits } = prepareDirect(spec, weights, [..."abc"]).classify(
        pixels,
      );
      logits.forEach((logit, i) =>
        assertAlmostEquals(logit, expected[i], 1e-5)
      );
    });
  });
}

const REFUSED: Record<string, [string, Uint8Array, string]> = {
  "a filter that nothing here knows": [
    "model.h5",
    bytesOf("lzf.h5"),
    "must be a whole HDF5 file",
  ],
  "attributes of a form that can't be read": [
    "model.h5",
    bytesOf("dense.h5"),
    "it must hold a whole model",
  ],
  "weights alone": ["model.h5", bytesOf("weights.h5"), "save the model with"],
  "no HDF5": [
    "model.h5",
    new TextEncoder().encode("no model".repeat(9)),
    "must be a whole HDF5 file",
  ],
  "an empty file": ["model.h5", new Uint8Array(), "must be a whole HDF5 file"],
  "half a file": [
    "model.h5",
    bytesOf("plain.h5").slice(0, 14_000),
    "Cannot load",
  ],
  "half an archive": [
    "model.keras",
    bytesOf("plain.keras").slice(0, 14_000),
    "must be a whole ZIP archive",
  ],
  "an archive whose weights changed": [
    "model.keras",
    bytesOf("plain.keras").with(15_000, 7),
    "Cannot read",
  ],
};

for (const [what, [name, bytes, words]] of Object.entries(REFUSED)) {
  Deno.test(`a file of Keras with ${what} is refused in words`, async () => {
    await withFile(name, bytes, async (path) => {
      const error = await assertRejects(() => loadModel(path), SyntaxError);
      assert(error.message.includes(words), error.message);
    });
  });
}

Deno.test("30 files of Keras changed at random are read, or refused in words", async () => {
  const { read, refused } = await mutateKeras({ count: 30, seed: 2 });
  // Of both kinds: neither is all that becomes of them.
  assert(read > 3 && refused > 5, `${read} read, ${refused} refused`);
});
