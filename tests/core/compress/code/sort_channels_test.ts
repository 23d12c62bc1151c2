import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { sortChannels } from "../../../../core/compress/code/sort_channels.ts";
import { load } from "../../../../core/infer/load.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { fc } from "../../../seeded_check.ts";
import { drawModel } from "../../infer/fuzz/draw_model.ts";
import { smallModel } from "../../infer/small_model.ts";

Deno.test("a model with sorted channels computes the same, but for rounding", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = randomStream(seed, "model");
      const model = drawModel(random);
      const sorted = sortChannels(model);
      const pixels = model.spec.input.reduce((a, b) => a * b);
      const image = Uint8Array.from(
        { length: pixels },
        () => random.below(256),
      );
      const before = load(encodeDram(model)).classify(image).logits;
      const after = load(encodeDram(sorted)).classify(image).logits;
      const largest = Math.max(1, ...before.map(Math.abs));
      before.forEach((logit, i) =>
        assertAlmostEquals(after[i], logit, 1e-5 * largest)
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("hidden biases ascend, those of the classes stay", () => {
  const model = smallModel();
  const sorted = sortChannels(model);
  const levels = sorted.tensors.map((tensor) =>
    tensor.kind === "uniform" ? [...tensor.levels] : []
  );
  const wide = [levels[1], levels[3]].some((bias) =>
    String(bias) === String(bias.toSorted((a, b) => a - b))
  );
  assert(wide, "one of the biases that share channels ascends");
  const [, , , , , bias] = model.tensors;
  assertEquals(sorted.tensors[5], bias);
});

Deno.test("sorting again changes nothing, and a file gets smaller", () => {
  for (let seed = 1; seed < 20; seed++) {
    const model = smallModel(seed);
    const sorted = sortChannels(model);
    assertEquals(sortChannels(sorted), sorted);
    assert(encodeDram(sorted).length <= encodeDram(model).length);
  }
});
