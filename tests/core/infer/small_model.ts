import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { roundToHalf } from "../../../core/infer/half.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";

/** A convolution, a pool, a depthwise convolution and a mean, on MNIST's images. */
const SPEC: ModelSpec = {
  name: "small",
  input: [28, 28, 1],
  layers: [
    { kind: "conv2d", name: "a", filters: 5, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
    {
      kind: "depthwiseConv2d",
      name: "b",
      size: 3,
      stride: 2,
      padding: "same",
      activation: "relu",
    },
    { kind: "globalAveragePool2d", name: "mean" },
    { kind: "dense", name: "logits", units: 10, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};

/** An untrained model for MNIST's images, its weights on 5 bits. */
export function smallModel(seed = 1): EncodedModel {
  const random = randomStream(seed, "small");
  return {
    spec: SPEC,
    labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
    tensors: weightShapes(SPEC).map((shape) => ({
      kind: "uniform",
      shape,
      bits: 5,
      scale: Float32Array.of(roundToHalf(0.03)),
      levels: Int8Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => random.below(32) - 16,
      ),
    })),
  };
}

/** That model as a `.dram` file. */
export function smallDram(seed = 1): Uint8Array<ArrayBuffer> {
  return encodeDram(smallModel(seed));
}
