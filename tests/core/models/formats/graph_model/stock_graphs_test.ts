/**
 * GraphModels as tensorflowjs_converter writes them: each is loaded as a row of our layers
 * that answers as stock tfjs does, which runs the same two files.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { prepareDirect } from "../../../../../core/infer/load.ts";
import { loadModel } from "../../../../../core/models/formats/load_model.ts";
import { randomStream } from "../../../../../core/random/stream.ts";
import * as tf from "../../../../../core/tf.ts";
import { CLASSES, GRAPHS } from "./made_graphs.ts";
import { withGraph, writeGraph } from "./write_graph.ts";

const IMAGES = 4;

/** What stock tfjs says of images, by the two files of a GraphModel. */
async function askStock(
  { json, data }: ReturnType<typeof writeGraph>,
  pixels: Float32Array,
  shape: number[],
): Promise<Float32Array> {
  await tf.setBackend("cpu");
  const { weightsManifest: [{ weights: weightSpecs }], ...more } = JSON.parse(
    JSON.stringify(json),
  );
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({ ...more, weightSpecs, weightData: data.buffer }),
  );
  const x = tf.tensor(pixels, shape);
  const [answer] = [model.predict(x)].flat();
  const values = tf.isTensor(answer) ? await answer.data() : [];
  model.dispose();
  return Float32Array.from(values);
}

for (const [what, made] of Object.entries(GRAPHS)) {
  Deno.test(`loadModel reads a GraphModel of ${what}, and it answers as in stock tfjs`, async () => {
    const written = writeGraph(made);
    const shape = made.input.slice(1);
    const size = shape.reduce((a, b) => a * b);
    const random = randomStream(12, what);
    const pixels = Float32Array.from(
      { length: IMAGES * size },
      () => random.uniform(),
    );
    const stock = await askStock(written, pixels, [IMAGES, ...shape]);
    await withGraph(written, async (folder) => {
      const { spec, weights, bytes } = await loadModel(folder);
      assertEquals(bytes, written.data.length);
      assertEquals(spec.input.reduce((a, b) => a * b), size);
      const labels = Array.from({ length: CLASSES }, (_, label) => `${label}`);
      const answers = prepareDirect(spec, weights, labels).classify(pixels);
      const sums = stock.slice(0, CLASSES).reduce((a, b) => a + b);
      const isProbability = stock.every((p) => p >= 0) &&
        Math.abs(sums - 1) < 1e-4;
      const isLog = stock.every((p) => p <= 0);
      assertEquals(stock.length, IMAGES * CLASSES);
      stock.forEach((wanted, i) => {
        const found = isProbability
          ? answers.probabilities[i]
          : isLog
          ? Math.log(answers.probabilities[i])
          : answers.logits[i];
        assert(
          Math.abs(found - wanted) < 1e-4,
          `${what}: ${found}, not ${wanted}`,
        );
      });
    });
  });
}
