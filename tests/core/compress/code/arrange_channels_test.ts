import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { arrangeChannels } from "../../../../core/compress/code/arrange_channels.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { sortChannels } from "../../../../core/compress/code/sort_channels.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { load, loadEncoded } from "../../../../core/infer/load.ts";
import { classCount } from "../../../../core/models/cost.ts";
import { boundIntegers } from "../../../../core/models/integer.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { smallModel } from "../../infer/small_model.ts";
import { drawIntegers, drawIntegerSpec } from "../../models/random_integers.ts";

const model = smallModel(5);
const arranged = arrangeChannels(model, { tries: 30 });

Deno.test("an arranged model takes no more bytes than a sorted one", () => {
  const bytes = encodeDram(arranged).length;
  assert(bytes <= encodeDram(sortChannels(model)).length);
  assert(bytes <= encodeDram(model).length);
});

Deno.test("an arranged model computes the same, but for rounding", () => {
  const image = Uint8Array.from({ length: 784 }, (_, i) => i * 37 % 256);
  const before = load(encodeDram(model)).classify(image).logits;
  const after = load(encodeDram(arranged)).classify(image).logits;
  before.forEach((logit, i) => assertAlmostEquals(after[i], logit, 1e-4));
});

Deno.test("the same model is always arranged alike", () => {
  assertEquals(arrangeChannels(model, { tries: 30 }), arranged);
});

Deno.test("arranged models of integers give the same logits, to the bit, channels with shifts of their own too", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = randomStream(seed, "arranged integers");
    const drawn = drawIntegers(random, drawIntegerSpec(random));
    const labels = Array.from(
      { length: classCount(drawn.spec) },
      (_, i) => `${i}`,
    );
    const integers = { ...drawn, labels };
    try {
      boundIntegers(drawn.spec, drawn.tensors.map(decodeTensor));
    } catch {
      continue; // no model of integers: too large sums
    }
    const size = drawn.spec.input.reduce((a, b) => a * b);
    const images = Uint8Array.from(
      { length: 2 * size },
      () => random.below(256),
    );
    assertEquals(
      loadEncoded(arrangeChannels(integers, { tries: 20 })).classify(images)
        .logits,
      loadEncoded(integers).classify(images).logits,
      JSON.stringify(drawn.spec),
    );
  }
});
