// jax-js as a peer of the benchmark: `deno run jax_js.ts webgpu|wasm`. It is the
// program of the teacher's step in SGD, as its authors would write it.
import type { Task } from "../task.ts";
import type { Jax, Parameters, Value } from "./jax_types.ts";
import { randomLabels, randomValues } from "./random_values.ts";
import { servePeer, type TimedRun, timeOnce } from "./serve_peer.ts";

/**
 * Not a literal where it is imported: Deno would fetch the package with all
 * others, for every command. Its hash is in jax_js.lock.
 */
const PACKAGE = "npm:@jax-js/jax@0.1.25";
const jax: Jax = await import(PACKAGE);
const { lax, nn, numpy: np } = jax;

const [backend] = Deno.args;

/** U(−a, a) with a = 1/√fan-in. */
function weight(name: string, shape: number[], fanIn: number): Value {
  const size = shape.reduce((a, b) => a * b, 1);
  const limit = 1 / Math.sqrt(fanIn);
  const values = randomValues(size, name, 2 * limit)
    .map((value) => value - limit);
  return np.array(values).reshape(shape);
}

function trunkParameters(): Parameters {
  return {
    w1: weight("w1", [32, 1, 3, 3], 9),
    b1: np.zeros([32, 1, 1]),
    w2: weight("w2", [64, 32, 3, 3], 288),
    b2: np.zeros([64, 1, 1]),
  };
}

/** The trunk and a head of `hidden` units. */
function modelParameters(hidden: number): Parameters {
  return {
    ...trunkParameters(),
    w3: weight("w3", [9216, hidden], 9216),
    b3: np.zeros([hidden]),
    w4: weight("w4", [hidden, 10], hidden),
    b4: np.zeros([10]),
  };
}

/** `[n, 1, 28, 28]` → features `[n, 9216]`. */
function features({ w1, b1, w2, b2 }: Parameters, x: Value): Value {
  x = nn.relu(lax.convGeneralDilated(x, w1, [1, 1], "VALID").add(b1));
  x = nn.relu(lax.convGeneralDilated(x, w2, [1, 1], "VALID").add(b2));
  return lax.reduceWindow(x, np.max, [2, 2], [2, 2]).reshape([-1, 9216]);
}

/** `[n, 1, 28, 28]` → logits `[n, 10]`. */
function logits(parameters: Parameters, x: Value): Value {
  const { w3, b3, w4, b4, ...trunk } = parameters;
  const hidden = nn.relu(np.dot(features(trunk, x), w3).add(b3));
  return np.dot(hidden, w4).add(b4);
}

function asImages(pixels: Float32Array, batch: number): Value {
  return np.array(pixels).reshape([batch, 1, 28, 28]);
}

function teacherStep(batch: number): TimedRun {
  const loss = (parameters: Parameters, x: Value, y: Value) =>
    nn.logSoftmax(logits(parameters, x)).mul(nn.oneHot(y, 10)).sum()
      .mul(-1 / batch);
  const step = jax.jit((parameters: Parameters, x: Value, y: Value) => {
    const [value, gradients] = jax.valueAndGrad(loss)(
      jax.tree.ref(parameters),
      x,
      y,
    );
    const updated = Object.entries(parameters).map(([name, each]) => [
      name,
      each.sub(gradients[name].mul(0.01)),
    ]);
    return [value, Object.fromEntries(updated)];
  });
  let parameters = modelParameters(128);
  const x = asImages(randomValues(batch * 784, "images"), batch);
  const y = np.array(Int32Array.from(randomLabels(batch)), {
    dtype: np.int32,
  });
  return () =>
    timeOnce(async () => {
      const [value, updated] = step(parameters, x.ref, y.ref);
      parameters = updated;
      await jax.blockUntilReady(parameters);
      await value.data();
    });
}

/** Feeds `batch` images forward, from an array in memory to another. */
function feed(
  model: (parameters: Parameters, x: Value) => Value,
  parameters: Parameters,
  batch: number,
): TimedRun {
  const run = jax.jit(model);
  const pixels = randomValues(batch * 784, "images");
  return () =>
    timeOnce(() =>
      run(jax.tree.ref(parameters), asImages(pixels, batch)).data()
    );
}

function matmul(size: number): TimedRun {
  const a = np.array(randomValues(size * size, "a")).reshape([size, size]);
  const product = jax.jit((x: Value) => np.dot(x.ref, x));
  return () => timeOnce(() => jax.blockUntilReady(product(a.ref)));
}

function prepare(task: Task): TimedRun {
  switch (task.work) {
    case "matmul":
      return matmul(task.size);
    case "teacher-step":
      return teacherStep(task.batch);
    case "feature-extraction":
      return feed(features, trunkParameters(), task.batch);
    case "inference":
      return feed(
        logits,
        modelParameters(task.model === "teacher" ? 128 : 6),
        task.batch,
      );
    default:
      throw new Error(`it isn't asked for ${task.work}`);
  }
}

await servePeer({
  async start() {
    const devices = await jax.init(backend);
    if (!devices.includes(backend)) throw new Error(`it has no ${backend}`);
    jax.defaultDevice(backend);
    return {
      version: PACKAGE.slice(PACKAGE.lastIndexOf("@") + 1),
      adapter: null,
    };
  },
  prepare: (task) => Promise.resolve(prepare(task)),
});
