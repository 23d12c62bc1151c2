import type { ModelSpec } from "../../../core/models/spec.ts";

/** Layers that the seed's teacher lacks, strides and padding on odd sizes. */
export const STRIDED: ModelSpec = {
  name: "strided",
  input: [15, 18, 2],
  layers: [
    { kind: "averagePool2d", name: "a", size: 2 },
    {
      kind: "conv2d",
      name: "b",
      filters: 3,
      size: 3,
      activation: "relu",
      stride: 2,
      padding: "same",
    },
    {
      kind: "depthwiseConv2d",
      name: "c",
      size: 2,
      activation: "linear",
      padding: "same",
    },
    {
      kind: "depthwiseConv2d",
      name: "d",
      size: 2,
      activation: "relu",
      stride: 2,
    },
    { kind: "globalAveragePool2d", name: "e" },
    { kind: "dense", name: "f", units: 4, activation: "linear" },
    { kind: "softmax", name: "g" },
  ],
};
