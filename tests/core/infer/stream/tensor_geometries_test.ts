import { assertEquals } from "@std/assert";
import { tensorGeometries } from "../../../../core/infer/stream/tensor_geometries.ts";

Deno.test("weights stand where the image that they read has them", () => {
  const geometries = tensorGeometries({
    name: "all",
    input: [12, 10, 2],
    layers: [
      { kind: "conv2d", name: "a", filters: 4, size: 3, activation: "relu" },
      { kind: "depthwiseConv2d", name: "b", size: 3, activation: "relu" },
      { kind: "maxPool2d", name: "c", size: 2 },
      { kind: "flatten", name: "d" },
      { kind: "dense", name: "e", units: 5, activation: "relu" },
      { kind: "dense", name: "f", units: 3, activation: "linear" },
      { kind: "softmax", name: "g" },
    ],
  });
  assertEquals(geometries, [
    [3, 3, 2, 4],
    [1, 1, 1, 4],
    [3, 3, 1, 4],
    [1, 1, 1, 4],
    [4, 3, 4, 5], // dense behind flatten: the image's rows, columns, channels
    [1, 1, 1, 5],
    [1, 1, 5, 3],
    [1, 1, 1, 3],
  ]);
});
