import type { ImageShape } from "../data/dataset.ts";
import { checkSpec, type LayerSpec, type ModelSpec } from "./spec.ts";

const MNIST_INPUT: ImageShape = [28, 28, 1];

/**
 * The layers that teacher and student share, up to the features: two 3×3
 * convolutions of 32 and 64 filters with relu, 2×2 max-pooling;
 * `[n, 28, 28, 1]` → `[n, 12, 12, 64]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trunkLayers } from "./teacher.ts";
 *
 * assertEquals(trunkLayers().map(({ name }) => name), ["conv1", "conv2", "pool"]);
 * ```
 */
export function trunkLayers(): LayerSpec[] {
  return [
    { kind: "conv2d", name: "conv1", filters: 32, size: 3, activation: "relu" },
    { kind: "conv2d", name: "conv2", filters: 64, size: 3, activation: "relu" },
    { kind: "maxPool2d", name: "pool", size: 2 },
  ];
}

/**
 * The seed experiment's teacher, the Keras MNIST CNN: two 3×3 convolutions of 32
 * and 64 filters, 2×2 max-pooling, dropout 0.25, dense 128, dropout 0.5, dense
 * `classes`, softmax.
 *
 * `[n, height, width, channels]` → `[n, classes]`; 1,199,882 parameters for
 * 28×28×1 images and 10 classes. Throws a `RangeError` where an extent or the
 * number of classes is out of range.
 *
 * Source: Keras, examples/mnist_cnn.py.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { teacherSpec } from "./teacher.ts";
 * import { countParameters } from "./cost.ts";
 *
 * assertEquals(countParameters(teacherSpec()), 1_199_882);
 * ```
 */
export function teacherSpec(
  { input = MNIST_INPUT, classes = 10 }: {
    input?: ImageShape;
    classes?: number;
  } = {},
): ModelSpec {
  const spec: ModelSpec = {
    name: "teacher",
    input,
    layers: [
      ...trunkLayers(),
      { kind: "dropout", name: "dropout1", rate: 0.25 },
      { kind: "flatten", name: "flatten" },
      { kind: "dense", name: "dense1", units: 128, activation: "relu" },
      { kind: "dropout", name: "dropout2", rate: 0.5 },
      { kind: "dense", name: "logits", units: classes, activation: "linear" },
      { kind: "softmax", name: "softmax" },
    ],
  };
  checkSpec(spec);
  return spec;
}
