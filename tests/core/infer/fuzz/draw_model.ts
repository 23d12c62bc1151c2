import type {
  EncodedModel,
  EncodedTensor,
} from "../../../../core/infer/encoded_tensor.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { channelCount } from "../../../../core/infer/channel_count.ts";
import { roundToHalf } from "../../../../core/infer/half.ts";
import { classCount, weightShapes } from "../../../../core/models/cost.ts";
import { boundIntegers } from "../../../../core/models/integer.ts";
import type { ModelSpec } from "../../../../core/models/spec.ts";
import type { Xoshiro128 } from "../../../../core/random/xoshiro128.ts";
import { drawIntegers, drawIntegerSpec } from "../../models/random_integers.ts";
import { drawSpec } from "../random_spec.ts";

/** Numbers from −2 to 2 that a float16 holds. */
function drawHalves(random: Xoshiro128, length: number) {
  return Float32Array.from(
    { length },
    () => roundToHalf(4 * random.uniform() - 2),
  );
}

/** A tensor of `shape` in one of the three codings, with any of their settings. */
export function drawTensor(
  random: Xoshiro128,
  shape: number[],
): EncodedTensor {
  const length = shape.reduce((a, b) => a * b);
  // Some tensors are mostly zeros, as pruned ones are.
  const sparsity = random.below(3) === 0 ? 0.9 : 0.2;
  const isZero = () => random.uniform() < sparsity;
  switch (random.below(3)) {
    case 0: {
      const bits = random.below(2) === 0 ? 16 : 32;
      const values = bits === 16
        ? drawHalves(random, length)
        : Float32Array.from({ length }, () => 2 * random.uniform() - 1);
      return { kind: "float", shape, bits, values };
    }
    case 1: {
      const bits = 1 + random.below(8);
      const half = 2 ** (bits - 1);
      const scales = random.below(2) === 0 ? 1 : channelCount(shape);
      const scale = Float32Array.from(
        { length: scales },
        () =>
          random.below(2) === 0
            ? 2 ** -random.below(8)
            : roundToHalf(0.01 + random.uniform()),
      );
      const levels = Int8Array.from({ length }, () => {
        if (bits === 1) return random.below(2) === 0 ? -1 : 1;
        return isZero() ? 0 : random.below(2 * half) - half;
      });
      return { kind: "uniform", shape, bits, scale, levels };
    }
    default: {
      const size = 1 + random.below(random.below(4) === 0 ? 256 : 16);
      const codebook = drawHalves(random, size);
      if (random.below(2) === 0) codebook[random.below(size)] = 0;
      const indices = Uint8Array.from(
        { length },
        () => isZero() ? 0 : random.below(size),
      );
      return { kind: "codebook", shape, codebook, indices };
    }
  }
}

/** A small model of any layers, its tensors in any codings. */
export function drawModel(random: Xoshiro128): EncodedModel {
  const spec = drawSpec(random);
  const digits = random.below(2) === 0;
  return {
    spec,
    labels: Array.from(
      { length: classCount(spec) },
      (_, index) => digits ? String(index) : `class ${index}`,
    ),
    tensors: weightShapes(spec).map((shape) => drawTensor(random, shape)),
  };
}

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

/** A model that takes more than 8 kB: its file has its length in a longer form. */
export function drawLongModel(random: Xoshiro128): EncodedModel {
  const spec: ModelSpec = {
    name: "long",
    input: [10, 10, 1],
    layers: [
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "logits", units: 25, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  return {
    spec,
    labels: Array.from({ length: 25 }, (_, index) => String(index)),
    tensors: weightShapes(spec).map((shape) => ({
      kind: "float",
      shape,
      bits: 32,
      values: Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => 2 * random.uniform() - 1,
      ),
    })),
  };
}
