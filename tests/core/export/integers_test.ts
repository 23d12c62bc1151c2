import { assert, assertEquals, assertRejects } from "@std/assert";
import { EXPORTERS } from "../../../core/export/exporters.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { loadEncoded } from "../../../core/infer/load.ts";
import { classCount } from "../../../core/models/cost.ts";
import { boundIntegers } from "../../../core/models/integer.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { drawIntegers, drawIntegerSpec } from "../models/random_integers.ts";

/** Random models whose bounds hold, with random images. */
function* drawModels(count: number) {
  for (let seed = 0; count > 0; seed++) {
    const random = randomStream(seed, "exported integers");
    const drawn = drawIntegers(random, drawIntegerSpec(random));
    const classes = classCount(drawn.spec);
    const model = {
      ...drawn,
      labels: Array.from({ length: classes }, (_, i) => `${i}`),
    };
    try {
      boundIntegers(model.spec, model.tensors.map(decodeTensor));
    } catch {
      continue;
    }
    count--;
    const size = model.spec.input.reduce((a, b) => a * b);
    const images = Uint8Array.from(
      { length: 4 * size },
      () => random.below(256),
    );
    yield { model, images };
  }
}

for (const [format, count] of [["c", 30], ["js", 12], ["onnx", 8]] as const) {
  Deno.test(`a model of integers exported to ${format} has the same logits, to the bit`, async () => {
    for (const { model, images } of drawModels(count)) {
      const { files } = await EXPORTERS[format].write(model, "model");
      const [height, width, channels] = model.spec.input;
      const answer = await EXPORTERS[format].ask({
        files,
        input: [height, width, channels],
        classes: model.labels.length,
        images,
      });
      if ("absent" in answer) return;
      assertEquals(
        answer.logits,
        loadEncoded(model).classify(images).logits,
        JSON.stringify(model.spec),
      );
    }
  });
}

Deno.test("what can't say integers sends elsewhere", async () => {
  const [{ model }] = drawModels(1);
  for (const format of ["tflite", "tfjs"] as const) {
    const error = await assertRejects(
      async () => await EXPORTERS[format].write(model, "model"),
      RangeError,
    );
    assert(error.message.includes("onnx"), error.message);
  }
});
