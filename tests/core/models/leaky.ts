import type { ModelSpec } from "../../../core/models/spec.ts";

/** A leaky relu wherever an activation may stand. */
export const LEAKY: ModelSpec = {
  name: "leaky",
  input: [7, 6, 2],
  layers: [
    {
      kind: "conv2d",
      name: "a",
      filters: 3,
      size: 3,
      activation: "leakyRelu",
      padding: "same",
    },
    { kind: "maxPool2d", name: "b", size: 2 },
    { kind: "dropout", name: "c", rate: 0.25 },
    {
      kind: "residual",
      name: "d",
      layers: [
        {
          kind: "depthwiseConv2d",
          name: "e",
          size: 3,
          activation: "leakyRelu",
          padding: "same",
        },
        {
          kind: "conv2d",
          name: "f",
          filters: 3,
          size: 1,
          activation: "linear",
        },
      ],
      activation: "leakyRelu",
    },
    { kind: "flatten", name: "g" },
    { kind: "dense", name: "h", units: 5, activation: "leakyRelu" },
    { kind: "dense", name: "logits", units: 3, activation: "linear" },
    { kind: "softmax", name: "softmax" },
  ],
};
