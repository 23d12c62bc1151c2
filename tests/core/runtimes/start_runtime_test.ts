/**
 * What a runtime's process answers doesn't depend on how its images are sent.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  ONNX_RUNTIME,
  startRuntime,
} from "../../../core/runtimes/start_runtime.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { hasOnnxRuntime } from "../models/formats/onnx/has_onnxruntime.ts";
import { CLASSES, draw } from "../models/formats/onnx/made_models.ts";
import { writeModel } from "../models/formats/onnx/write_model.ts";

Deno.test({
  name:
    "many images, sent at once or some by some without waiting, are answered in order, to the bit (needs onnxruntime-web)",
  ignore: !hasOnnxRuntime,
  fn: async () => {
    const content = writeModel({
      input: ["n", 1, 4, 4],
      nodes: [
        ["Flatten", ["x"], "flat"],
        ["Gemm", ["flat", "weight"], "y", { transB: 1 }],
      ],
      tensors: { weight: draw(CLASSES, 16) },
    });
    const process = await startRuntime(ONNX_RUNTIME, {
      files: [{ name: "model.onnx", content }],
      task: { input: [4, 4, 1], classes: CLASSES },
      failing: "Cannot start",
    });
    if ("absent" in process) throw new Error(process.absent);
    await using runtime = process;
    const random = randomStream(4, "images");
    // Several messages, and the last one is cut short.
    const count = 4 * runtime.atOnce + 77;
    const images = Uint8Array.from(
      { length: count * 16 },
      () => random.below(256),
    );
    const all = await runtime.classify(images);
    assertEquals(all.length, count * CLASSES);
    assert(new Set(all).size > count);
    // As it is asked inside, which tells how its products are added up.
    const asked = 128;
    const parts = [];
    for (let first = 0; first < count; first += asked) {
      parts.push(
        runtime.classify(images.slice(first * 16, (first + asked) * 16)),
      );
    }
    const answers = await Promise.all(parts);
    assertEquals(answers.flatMap((answer) => [...answer]), [...all]);
  },
});
