/**
 * Models that others wrote, or damaged: each is read as what it is, or refused in
 * words that name what is wrong and the way out (`refuse_foreign_test.ts`).
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { type Saved, SPEC, WEIGHTS, withSaved } from "./saved_model.ts";

const REVERSED = WEIGHTS.map((_, place) => WEIGHTS.length - 1 - place);

/** What is read, and gives the very model. */
const READ: Record<string, (saved: Saved) => unknown> = {
  "weights in reversed order": (saved) => saved.reorder(REVERSED),
  "two dense layers of one shape exchanged": (saved) =>
    saved.reorder([0, 1, 4, 5, 2, 3, 6, 7].map((place) => place)),
  "Keras' names, in another order": (saved) => {
    saved.group.weights.forEach((entry) => entry.name += ":0");
    saved.reorder(REVERSED);
  },
  "names behind their model's, as Keras 3 has them": (saved) => {
    saved.group.weights.forEach((entry) =>
      entry.name = `sequential/${entry.name}`
    );
    saved.reorder(REVERSED);
  },
  "a cell's name between, as TensorFlow 2.2 writes": (saved) =>
    saved.group.weights.forEach((entry) =>
      entry.name = entry.name.replace("/", "/cell/")
    ),
  "paths that begin with ./": (saved) => saved.group.paths = ["./weights.bin"],
  "what isn't said has Keras' default": (saved) => {
    for (const { config } of saved.layers) {
      for (
        const key of ["strides", "padding", "dilation_rate", "use_bias"]
          .concat(["data_format", "axis", "kernel_initializer"])
      ) delete config[key];
      if (config.activation === "linear") delete config.activation;
    }
  },
  "strides of null": (saved) => saved.set("pool", { strides: null }),
  "Keras' old names of layers": (saved) => {
    saved.layer("conv").class_name = "Convolution2D";
    saved.layer("pool").class_name = "MaxPool2D";
  },
  "Keras 3's words": (saved) => {
    for (const layer of saved.layers) {
      const { config } = layer;
      layer.module = "keras.layers";
      layer.registered_name = null;
      layer.build_config = {};
      config.dtype = {
        ...{ module: "keras", class_name: "DTypePolicy" },
        config: { name: "float32" },
      };
      if (!("batch_input_shape" in config)) continue;
      config.batch_shape = config.batch_input_shape;
      delete config.batch_input_shape;
    }
  },
  "a softmax along axis -1": (saved) => saved.set("softmax", { axis: -1 }),
  "regularizers, constraints and frozen layers": (saved) =>
    saved.set("first", {
      trainable: false,
      kernel_regularizer: { class_name: "L2", config: { l2: 0.01 } },
      bias_constraint: { class_name: "NonNeg", config: {} },
    }),
  "a key of null that nobody knows": (saved) =>
    saved.set("first", { lora_rank: null }),
  "a fixed batch in the input": (saved) =>
    saved.layers[0].config.batch_input_shape = [32, 6, 6, 1],
};

for (const [what, change] of Object.entries(READ)) {
  Deno.test(`loadModel reads ${what}`, async () => {
    await withSaved(change, async (folder) => {
      const { spec, weights } = await loadModel(folder);
      assertEquals(spec, SPEC);
      assertEquals(weights, WEIGHTS);
    });
  });
}

Deno.test("loadModel takes model.json for its folder, and says what else a path is", async () => {
  await withSaved(() => {}, async (folder) => {
    const { weights } = await loadModel(`${folder}/model.json`);
    assertEquals(weights, WEIGHTS);
    await assertRejects(
      () => loadModel(`${folder}/weights.bin`),
      TypeError,
      "it must be a folder that holds model.json: it is none",
    );
    await assertRejects(
      () => loadModel(`${folder}/mistyped.dram`),
      Deno.errors.NotFound,
      "there is no such file or folder; check the path",
    );
  });
});

Deno.test("loadModel takes a JSON file of any name, by path and by URL", async () => {
  await withSaved(() => {}, async (folder) => {
    for (const name of ["my-model.json", "digits #1 50%.json"]) {
      await Deno.rename(`${folder}/model.json`, `${folder}/${name}`);
      const { weights } = await loadModel(`${folder}/${name}`);
      assertEquals(weights, WEIGHTS);
      await assertRejects(
        () => loadModel(folder),
        Deno.errors.NotFound,
        "it must hold model.json: there is none; name the folder of a tfjs LayersModel, or its JSON file",
      );
      await Deno.rename(`${folder}/${name}`, `${folder}/model.json`);
    }
  });
});

/** Each weight stored as `dtype`, of `bytes` bytes, and what is read of it. */
async function assertQuantised(
  dtype: "uint8" | "uint16" | "float16",
): Promise<void> {
  const wanted: Float32Array[] = [];
  await withSaved((saved) => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    saved.group.weights.forEach((entry, place) => {
      const { values } = WEIGHTS[place];
      if (dtype === "float16") {
        const halves = Float16Array.from(values);
        entry.quantization = { dtype, original_dtype: "float32" };
        parts.push(new Uint8Array(halves.buffer));
        wanted.push(Float32Array.from(halves));
        return;
      }
      const [min, scale] = [-1, dtype === "uint8" ? 2 / 255 : 2 / 65535];
      const rounded = Array.from(
        values,
        (value) => Math.round((value - min) / scale),
      );
      const stored = dtype === "uint8"
        ? Uint8Array.from(rounded)
        : Uint16Array.from(rounded);
      entry.quantization = { dtype, min, scale, original_dtype: "float32" };
      parts.push(new Uint8Array(stored.buffer));
      wanted.push(Float32Array.from(stored, (each) => each * scale + min));
    });
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    saved.bytes = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
      saved.bytes.set(part, offset);
      offset += part.length;
    }
  }, async (folder) => {
    const { spec, weights } = await loadModel(folder);
    assertEquals(spec, SPEC);
    assertEquals(weights.map(({ values }) => values), wanted);
  });
}

for (const dtype of ["uint8", "uint16", "float16"] as const) {
  Deno.test(`loadModel reads weights that the converter has quantised to ${dtype}`, async () => {
    await assertQuantised(dtype);
  });
}
