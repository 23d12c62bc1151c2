import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { classCount } from "../../../../core/models/cost.ts";
import { boundIntegers } from "../../../../core/models/integer.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { drawIntegers, drawIntegerSpec } from "../../models/random_integers.ts";

/** A small model of integers that version 4 can say, sums and all. */
export function drawIntegerModel(random: Xoshiro128): EncodedModel {
  for (;;) {
    const model = drawIntegers(random, drawIntegerSpec(random));
    try {
      boundIntegers(model.spec, model.tensors.map(decodeTensor));
    } catch (error) {
      if (error instanceof RangeError) continue;
      throw error;
    }
    const name = random.below(2) === 0 ? "" : "é";
    return {
      ...model,
      labels: Array.from(
        { length: classCount(model.spec) },
        (_, index) => `${index}${name}`,
      ),
    };
  }
}
