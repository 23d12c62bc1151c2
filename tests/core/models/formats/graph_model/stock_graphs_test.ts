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
import { CLASSES, conv, fuse, GRAPHS } from "./made_graphs.ts";
import {
  type MadeGraph,
  type MadeWeight,
  whole,
  withGraph,
  writeGraph,
} from "./write_graph.ts";

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

/** A row of all that says where channels lie, channels last or first. */
function oriented(isFirst: boolean): MadeGraph {
  const data_format = isFirst ? "NCHW" : "NHWC";
  const turn = ([batch, rows, columns, channels]: number[]) =>
    isFirst
      ? [batch, channels, rows, columns]
      : [batch, rows, columns, channels];
  const strides = turn([1, 2, 1, 1]);
  const norm = ["gamma", "beta", "means", "variance"].map((name) =>
    `m/${name}`
  );
  const weight = (shape: number[], seed: number): MadeWeight => {
    const random = randomStream(seed, "oriented");
    return {
      shape,
      values: Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => random.uniform(),
      ),
    };
  };
  const pads = (isFirst ? [0, 3, 1, 2] : [0, 1, 2, 3]).flatMap((axis) =>
    [[0, 0], [1, 0], [0, 2], [0, 0]][axis]
  );
  return {
    input: turn([-1, 9, 8, 3]),
    nodes: [
      ["m/pad", "Pad", ["x", "m/pads"]],
      [
        "m/a",
        "_FusedConv2D",
        ["m/pad", "m/ka", "m/ba"],
        conv({ ...fuse(["BiasAdd", "Relu"]), strides, data_format }),
      ],
      ["m/d", "DepthwiseConv2dNative", ["m/a", "m/kd"], {
        strides: [1, 1, 1, 1],
        padding: "EXPLICIT",
        explicit_paddings: isFirst
          ? [0, 0, 0, 0, 1, 0, 0, 1]
          : [0, 0, 1, 0, 0, 1, 0, 0],
        dilations: [1, 1, 1, 1],
        data_format,
      }],
      ["m/b", "BiasAdd", ["m/d", "m/bd"], { data_format }],
      ["m/n", "FusedBatchNormV3", ["m/b", ...norm], {
        epsilon: { float: 0.01 },
        is_training: false,
        data_format,
      }],
      ["m/p", "MaxPool", ["m/n"], {
        ksize: turn([1, 2, 1, 1]),
        strides: turn([1, 2, 1, 1]),
        padding: "VALID",
        data_format,
      }],
      ["m/mean", "Mean", ["m/p", "m/axes"], { keep_dims: false }],
      ["m/z", "MatMul", ["m/mean", "m/kz"], {
        transpose_a: false,
        transpose_b: false,
      }],
    ],
    weights: {
      "m/pads": { shape: [4, 2], values: pads, dtype: "int32" },
      "m/axes": whole(...isFirst ? [2, 3] : [1, 2]),
      "m/ka": weight([3, 3, 3, 4], 1),
      "m/ba": weight([4], 2),
      "m/kd": weight([2, 2, 4, 1], 3),
      "m/bd": weight([4], 4),
      "m/gamma": weight([4], 5),
      "m/beta": weight([4], 6),
      "m/means": weight([4], 7),
      "m/variance": weight([4], 8),
      "m/kz": weight([4, 3], 9),
    },
  };
}

Deno.test("a graph whose channels lie first is the row that it is with channels last", async () => {
  const rows: unknown[] = [];
  for (const isFirst of [false, true]) {
    await withGraph(writeGraph(oriented(isFirst)), async (folder) => {
      const { spec, weights } = await loadModel(folder);
      rows.push({ spec, weights });
    });
  }
  assertEquals(rows[1], rows[0]);
});
