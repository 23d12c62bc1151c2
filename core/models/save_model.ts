import { writeAllAtomically } from "../files/write_atomically.ts";
import type { FloatArray } from "../files/safetensors.ts";
import * as tf from "../tf.ts";
import { buildModel } from "./build_model.ts";
import type { ImportManifest, Manifest } from "./manifest.ts";

const WEIGHTS_FILE = "weights.bin";

/** tfjs's description of the model, and its weights as one run of bytes. */
export async function collectArtifacts(
  model: tf.LayersModel,
): Promise<{ json: string; data: Uint8Array }> {
  let collected: tf.io.ModelArtifacts = {};
  await model.save(tf.io.withSaveHandler((artifacts) => {
    collected = artifacts;
    return Promise.resolve({
      modelArtifactsInfo: {
        dateSaved: new Date(0),
        modelTopologyType: "JSON",
      },
    });
  }));
  const { modelTopology, format, generatedBy, weightSpecs, weightData } =
    collected;
  const buffers = weightData === undefined
    ? []
    : Array.isArray(weightData)
    ? weightData
    : [weightData];
  return {
    json: JSON.stringify({
      format,
      generatedBy,
      convertedBy: null,
      modelTopology,
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
    }),
    data: new Uint8Array(await new Blob(buffers).arrayBuffer()),
  };
}

/**
 * Writes a model folder: a tfjs LayersModel (`model.json`, `weights.bin`) that
 * stock tfjs loads, and `manifest.json`. All three are written before the first
 * takes the place of an older one, so that on any error the older model stays
 * whole; the folder is made if there is none. On the current backend.
 *
 * Throws what the file system throws, and a `RangeError` where the spec is
 * unusable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { saveModel } from "./save_model.ts";
 * import { loadModel } from "./formats/load_model.ts";
 * import { initialWeights } from "./initialise.ts";
 * import { studentSpec } from "./student.ts";
 * import { selectBackend } from "../device/select_backend.ts";
 *
 * await selectBackend("cpu");
 * const spec = studentSpec({ hidden: 1 });
 * const folder = await Deno.makeTempDir();
 * await saveModel(folder, initialWeights(spec, 1), {
 *   spec,
 *   configuration: {},
 *   backend: { name: "cpu", adapter: null },
 *   dataset: { name: "none", sha256: {}, split: { seed: 0, validation: 1 } },
 *   scores: { epoch: 0, validation: { accuracy: 0, loss: 0 }, test: { accuracy: 0, loss: 0 } },
 *   versions: { retort: "0", deno: "0", tfjs: "0" },
 *   date: "2026-01-01",
 * });
 * assertEquals((await loadModel(folder)).spec, spec);
 * ```
 */
export async function saveModel(
  folder: string,
  weights: FloatArray[],
  manifest: Manifest | ImportManifest,
): Promise<void> {
  const model = buildModel(manifest.spec, weights);
  try {
    const { json, data } = await collectArtifacts(model);
    await Deno.mkdir(folder, { recursive: true });
    await writeAllAtomically([
      [`${folder}/${WEIGHTS_FILE}`, data],
      [`${folder}/manifest.json`, JSON.stringify(manifest, null, 2) + "\n"],
      // Last: without it nothing loads the others.
      [`${folder}/model.json`, json],
    ]);
  } finally {
    model.dispose();
  }
}
