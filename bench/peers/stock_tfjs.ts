// Stock tfjs as a peer of the benchmark: `deno run stock_tfjs.ts webgpu|wasm|cpu`.
// core/tf.ts is tfjs as it comes: ours are the kernels of core/kernels, which
// core/device registers and this program never loads.
import { requestAdapter } from "../../core/device/adapter.ts";
import { adapterName } from "../../core/device/adapter.ts";
import * as tf from "../../core/tf.ts";
import { STUDENT_HIDDEN, type Task } from "../task.ts";
import { randomLabels, randomValues } from "./random_values.ts";
import { servePeer, type TimedRun, timeOnce } from "./serve_peer.ts";

const [backend] = Deno.args;

/** The trunk that teacher and student share, frozen unless `trainable`. */
function trunk(trainable: boolean): tf.Sequential {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({
    inputShape: [28, 28, 1],
    filters: 32,
    kernelSize: 3,
    activation: "relu",
    trainable,
  }));
  model.add(tf.layers.conv2d({
    filters: 64,
    kernelSize: 3,
    activation: "relu",
    trainable,
  }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  return model;
}

function teacher(): tf.Sequential {
  const model = trunk(true);
  model.add(tf.layers.dropout({ rate: 0.25 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 128, activation: "relu" }));
  model.add(tf.layers.dropout({ rate: 0.5 }));
  model.add(tf.layers.dense({ units: 10, activation: "softmax" }));
  return model;
}

function student(hidden: number): tf.Sequential {
  const model = trunk(false);
  model.add(tf.layers.flatten());
  model.add(tf.layers.dropout({ rate: 0.2 }));
  model.add(tf.layers.dense({ units: hidden, activation: "relu" }));
  model.add(tf.layers.dense({ units: 10 }));
  return model;
}

function features(): tf.Sequential {
  const model = trunk(false);
  model.add(tf.layers.flatten());
  return model;
}

/** `trainOnBatch` on tensors that lie on the device already; it reads the loss back. */
function trainOnBatch(
  model: tf.Sequential,
  x: tf.Tensor,
  y: tf.Tensor,
): TimedRun {
  return () => timeOnce(() => model.trainOnBatch(x, y));
}

function imagesOf(batch: number): tf.Tensor {
  return tf.tensor(randomValues(batch * 784, "images"), [batch, 28, 28, 1]);
}

function prepareTeacherStep(batch: number): TimedRun {
  const model = teacher();
  model.compile({
    optimizer: tf.train.adadelta(1),
    loss: "categoricalCrossentropy",
  });
  const labels = tf.tensor1d([...randomLabels(batch)], "int32");
  return trainOnBatch(model, imagesOf(batch), tf.oneHot(labels, 10));
}

function prepareStudentStep(batch: number, hidden: number): TimedRun {
  const model = student(hidden);
  model.compile({ optimizer: tf.train.adam(), loss: "meanSquaredError" });
  const logits = tf.tensor2d(randomValues(batch * 10, "logits"), [batch, 10]);
  return trainOnBatch(model, imagesOf(batch), logits);
}

/** Feeds `batch` images forward, from an array in memory to another. */
function feed(model: tf.Sequential, batch: number): TimedRun {
  const pixels = randomValues(batch * 784, "images");
  return () =>
    timeOnce(async () => {
      const output = tf.tidy(() =>
        model.predict(tf.tensor(pixels, [batch, 28, 28, 1]), {
          batchSize: batch,
        })
      );
      if (Array.isArray(output)) throw new TypeError("one output expected");
      await output.data();
      output.dispose();
    });
}

function matmul(size: number): TimedRun {
  const shape: [number, number] = [size, size];
  const a = tf.tensor2d(randomValues(size * size, "a"), shape);
  return () =>
    timeOnce(async () => {
      const product = tf.matMul(a, a);
      const corner = tf.slice(product, [0, 0], [1, 1]);
      await corner.data();
      tf.dispose([product, corner]);
    });
}

async function prepare(task: Task): Promise<TimedRun> {
  switch (task.work) {
    case "matmul":
      return matmul(task.size);
    case "teacher-step":
      return prepareTeacherStep(task.batch);
    case "student-step":
      return prepareStudentStep(task.batch, task.hidden);
    case "feature-extraction":
      return feed(features(), task.batch);
    case "inference":
      return feed(
        task.model === "teacher" ? teacher() : student(STUDENT_HIDDEN),
        task.batch,
      );
    case "compact-load":
    case "compact-inference": {
      const { prepareStockCompact } = await import("./stock_compact.ts");
      return await prepareStockCompact(task);
    }
    case "compact-step":
      throw new Error("it has no quantiser that learns");
    case "cohort":
      throw new Error("it trains one student at a time");
    case "read-png":
    case "read-jpeg":
      throw new Error("it reads no pictures in Deno");
    case "black-box":
      throw new Error("it runs no ONNX files");
  }
}

/** The adapter's name; throws where there is none, which tfjs itself doesn't look at. */
async function findAdapter(): Promise<string> {
  const adapter = await requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter was found");
  return adapterName(adapter);
}

await servePeer({
  async start() {
    const adapter = backend === "webgpu" ? await findAdapter() : null;
    tf.setWasmPaths(tf.wasmBinaryFolder());
    if (!await tf.setBackend(backend)) {
      throw new Error(`tfjs could not start its backend ${backend}`);
    }
    return { version: tf.version.tfjs, adapter };
  },
  prepare,
});
