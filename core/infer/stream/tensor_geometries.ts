import { shapeLayers } from "../../models/shapes.ts";
import type { ModelSpec } from "../../models/spec.ts";
import type { Geometry } from "./code_levels.ts";

/**
 * Where the weights of each tensor of `spec` stand, in the order of
 * `weightShapes`: a kernel's window and channels; of a dense layer behind
 * `flatten`, the flattened image's rows, columns and channels; of biases, outputs.
 */
export function tensorGeometries(spec: ModelSpec): Geometry[] {
  let flattened: readonly number[] | undefined;
  return shapeLayers(spec).flatMap(({ layer, input, weights }) => {
    const geometries = weights.map((shape): Geometry => {
      const [height, width = 1, inputs = 1, outputs = 1] = shape;
      if (shape.length === 1) return [1, 1, 1, height];
      if (layer.kind === "depthwiseConv2d") {
        return [height, width, 1, inputs * outputs];
      }
      if (shape.length === 4) return [height, width, inputs, outputs];
      const [rows, columns, channels] = flattened ?? [1, 1, height];
      return [rows, columns, channels, width];
    });
    flattened = layer.kind === "flatten" && input.length === 3
      ? input
      : undefined;
    return geometries;
  });
}
