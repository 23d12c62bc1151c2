import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { arrangeChannels } from "../../../../core/compress/code/arrange_channels.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { sortChannels } from "../../../../core/compress/code/sort_channels.ts";
import { load } from "../../../../core/infer/load.ts";
import { smallModel } from "../../infer/small_model.ts";

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
