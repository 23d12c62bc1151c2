import { decodeDram } from "../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../core/infer/decode_tensor.ts";
import { buildModel } from "../../core/models/build_model.ts";
import * as tf from "../../core/tf.ts";
import type { Task } from "../task.ts";
import { repeatImages, type TimedRun, timeMany } from "./serve_peer.ts";

/** A model as tfjs's own format has it, in memory. */
async function toArtifacts(
  model: tf.LayersModel,
): Promise<tf.io.ModelArtifacts> {
  const saved = Promise.withResolvers<tf.io.ModelArtifacts>();
  await model.save(tf.io.withSaveHandler((artifacts) => {
    saved.resolve(artifacts);
    const modelArtifactsInfo = {
      dateSaved: new Date(0),
      modelTopologyType: "JSON",
    } as const;
    return Promise.resolve({ modelArtifactsInfo });
  }));
  return await saved.promise;
}

/**
 * The model of a `.dram` file as a LayersModel: loaded from tfjs's own format in
 * memory, or asked about images batch by batch.
 */
export async function prepareStockCompact(
  { work, file, images, batch = 1 }: Extract<Task, { file: string }>,
): Promise<TimedRun> {
  const { spec, tensors } = decodeDram(await Deno.readFile(file));
  const model = buildModel(spec, tensors.map(decodeTensor));
  if (work === "compact-load") {
    const artifacts = await toArtifacts(model);
    return () =>
      timeMany(async () => {
        const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
        loaded.dispose();
      });
  }
  const batches = repeatImages(images, spec.input, batch)
    .map((bytes) => Float32Array.from(bytes, (byte) => byte / 255));
  return () =>
    timeMany(async (time) => {
      // A copy: tfjs keeps what it is given.
      const pixels = batches[time % batches.length].slice();
      const output = tf.tidy(() =>
        model.predict(tf.tensor(pixels, [batch, ...spec.input]), {
          batchSize: batch,
        })
      );
      if (Array.isArray(output)) throw new TypeError("one output expected");
      await output.data();
      output.dispose();
    });
}
