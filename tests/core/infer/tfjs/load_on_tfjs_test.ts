import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type BackendChoice,
  selectBackend,
} from "../../../../core/device/select_backend.ts";
import { loadEncoded } from "../../../../core/infer/load.ts";
import { loadOnTfjs } from "../../../../core/infer/tfjs/load_on_tfjs.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";
import { hasAdapter } from "../../../vulkan.ts";
import { smallDram, smallModel } from "../small_model.ts";

const COUNT = 251; // One more than a batch.
const random = randomStream(1, "tfjs");
const IMAGES = Uint8Array.from(
  { length: COUNT * 784 },
  () => random.below(256),
);

/** A file answers on `backend` as on the direct path, and leaves no tensors. */
async function assertAlike(backend: BackendChoice): Promise<void> {
  await selectBackend(backend);
  const before = tf.memory().numTensors;
  const expected = loadEncoded(smallModel()).classify(IMAGES);
  {
    using model = loadOnTfjs(smallDram());
    for (const images of [IMAGES, Float32Array.from(IMAGES, (x) => x / 255)]) {
      const { classes, logits, probabilities } = await model.classify(images);
      assertEquals(classes, expected.classes);
      assertEquals(probabilities.length, COUNT * 10);
      const largest = logits.reduce(
        (most, logit, i) =>
          Math.max(most, Math.abs(logit - expected.logits[i])),
        0,
      );
      assert(largest < 1e-5, `${largest}`);
    }
    await assertRejects(() => model.classify(new Uint8Array(5)), RangeError);
  }
  assertEquals(tf.memory().numTensors, before);
}

Deno.test("a file answers on the CPU backend as on the direct path", () =>
  assertAlike("cpu"));

Deno.test("a file answers on Wasm as on the direct path", () =>
  assertAlike("wasm"));

Deno.test({
  name: "a file answers on WebGPU as on the direct path (needs an adapter)",
  ignore: !hasAdapter,
  fn: () => assertAlike("webgpu"),
});
