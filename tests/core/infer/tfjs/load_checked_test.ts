import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type BackendChoice,
  selectBackend,
} from "../../../../core/device/select_backend.ts";
import { loadEncoded, prepareDirect } from "../../../../core/infer/load.ts";
import {
  forwardFused,
  loadEncodedChecked,
} from "../../../../core/infer/tfjs/load_checked.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { drawSpec, drawWeights } from "../random_spec.ts";
import { smallModel } from "../small_model.ts";

const COUNT = 251; // One more than a batch.
const random = randomStream(1, "checked");
const IMAGES = Uint8Array.from(
  { length: COUNT * 784 },
  () => random.below(256),
);

function largestDifference(a: Float32Array, b: ArrayLike<number>): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
}

async function assertAlike(backend: BackendChoice): Promise<void> {
  await selectBackend(backend);
  const before = tf.memory().numTensors;
  const expected = loadEncoded(smallModel()).classify(IMAGES);
  {
    using model = await loadEncodedChecked(smallModel());
    for (const images of [IMAGES, Float32Array.from(IMAGES, (x) => x / 255)]) {
      const { classes, logits } = await model.classify(images);
      assertEquals(classes, expected.classes);
      assert(largestDifference(expected.logits, logits) < 1e-5);
    }
    await assertRejects(() => model.classify(new Uint8Array(5)), RangeError);
  }
  assertEquals(tf.memory().numTensors, before);
}

Deno.test("a checked model answers on the CPU backend as on the direct path", () =>
  assertAlike("cpu"));

Deno.test("a checked model answers on Wasm as on the direct path", () =>
  assertAlike("wasm"));

Deno.test({
  name:
    "a checked model answers on WebGPU as on the direct path (needs an adapter)",
  ignore: !hasAdapter,
  fn: () => assertAlike("webgpu"),
});

Deno.test("layers of any kind, in any row, give the direct path's logits", async () => {
  await selectBackend("cpu");
  for (let seed = 0; seed < 60; seed++) {
    const random = randomStream(seed, "fused");
    const spec = drawSpec(random);
    const weights = drawWeights(random, spec);
    const size = spec.input.reduce((a, b) => a * b);
    const image = Float32Array.from({ length: size }, () => random.uniform());
    const { logits } = prepareDirect(spec, weights, []).classify(image);
    const output = tf.tidy(() =>
      forwardFused(
        spec.layers,
        weights.map(({ shape, values }) => tf.tensor(values, shape)),
        tf.tensor(image, [1, ...spec.input]),
      )
    );
    assertEquals(output.shape, [1, logits.length]);
    const difference = largestDifference(logits, await output.data());
    assert(difference < 1e-4, JSON.stringify({ seed, difference, spec }));
    output.dispose();
  }
});

Deno.test("a model whose backend gives something else is refused, and leaves no tensors", async () => {
  await selectBackend("cpu");
  const kernel = tf.getKernel(tf._FusedMatMul, "cpu");
  assert(kernel);
  const { kernelName, backendName } = kernel;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...kernel,
    // Logits below 0 come out as 0, as from a shader that the driver got wrong.
    kernelFunc: ({ attrs, ...rest }) =>
      kernel.kernelFunc({ ...rest, attrs: { ...attrs, activation: "relu" } }),
  });
  try {
    const before = tf.memory().numTensors;
    await assertRejects(
      () => loadEncodedChecked(smallModel()),
      Error,
      "Cannot run small on cpu: its results must be those of the processor",
    );
    assertEquals(tf.memory().numTensors, before);
  } finally {
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel(kernel);
  }
});

Deno.test("a model on a backend that is no longer in use says so", async () => {
  await selectBackend("cpu");
  using model = await loadEncodedChecked(smallModel());
  await selectBackend("wasm");
  await assertRejects(
    () => model.classify(IMAGES),
    Error,
    "no longer in use: load it again",
  );
});

Deno.test("a dropout layer changes nothing", async () => {
  await selectBackend("cpu");
  const x = tf.tensor([1, 2], [1, 2]);
  const layer = { kind: "dropout", name: "dropout", rate: 0.5 } as const;
  assertEquals(forwardFused([layer], [], x), x);
  x.dispose();
});
