import { assert, assertEquals, assertThrows } from "@std/assert";
import { shareWeights } from "../../../../core/compress/share/share_weights.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { roundToHalf } from "../../../../core/infer/half.ts";
import { encodeWeights } from "../../../../core/train/constraints/encode_weights.ts";
import { startVariables } from "../../../../core/train/constraints/start_variables.ts";
import {
  drawMask,
  drawWeights,
} from "../../train/constraints/constrained_weights.ts";

const WEIGHT = drawWeights([3, 3, 4, 8], 6);
const { length } = WEIGHT.values;

Deno.test("pruned weights share an entry of their own, and stay exactly 0", () => {
  const mask = drawMask(length, 5);
  const constraint = shareWeights(WEIGHT, { size: 8, mask });
  assertEquals(constraint.indices.map((entry) => entry ? 1 : 0), mask);
  const variables = startVariables([WEIGHT], [constraint]);
  const [tensor] = encodeWeights([constraint], [WEIGHT.shape], variables);
  const { values } = decodeTensor(tensor);
  values.forEach((value, i) => assertEquals(value === 0, mask[i] === 0));
  assert(tensor.kind === "codebook" && tensor.codebook.length <= 8);
});

Deno.test("the decoded weights are the clusters' means as float16s", () => {
  const weight = { shape: [5], values: Float32Array.of(0.1, 0.2, -3, 5, 6) };
  const constraint = shareWeights(weight, { size: 3 });
  const variables = startVariables([weight], [constraint]);
  const [tensor] = encodeWeights([constraint], [[5]], variables);
  const low = roundToHalf(Math.fround(0.15));
  assertEquals(
    decodeTensor(tensor).values,
    Float32Array.of(low, low, -3, 5.5, 5.5),
  );
});

Deno.test("more entries lie nearer", () => {
  const errorOf = (size: number) => {
    const constraint = shareWeights(WEIGHT, { size });
    const [{ values }] = startVariables([WEIGHT], [constraint]);
    return WEIGHT.values.reduce(
      (sum, weight, i) => sum + (weight - values[constraint.indices[i]]) ** 2,
      0,
    );
  };
  const errors = [2, 4, 8, 16, 32, 64, 256].map(errorOf);
  errors.slice(1).forEach((error, i) => assert(error < errors[i] / 2));
});

Deno.test("a tensor that is all pruned has a codebook of 0 alone", () => {
  assertEquals(
    shareWeights(WEIGHT, { size: 4, mask: new Uint8Array(length) }),
    {
      kind: "codebook",
      size: 1,
      indices: new Uint8Array(length),
      pruned: true,
    },
  );
});

Deno.test("unusable sizes and masks are refused", () => {
  const mask = drawMask(length, 1);
  for (
    const [size, options] of [[0, {}], [257, {}], [2.5, {}], [1, { mask }]]
  ) {
    assertThrows(
      () => shareWeights(WEIGHT, { size: Number(size), ...Object(options) }),
      RangeError,
      "size must be an integer",
    );
  }
  assertThrows(
    () => shareWeights(WEIGHT, { size: 4, mask: Uint8Array.of(1) }),
    RangeError,
    `the mask must have ${length} entries: current value is 1`,
  );
});
