import type { FloatArray } from "../files/safetensors.ts";
import { weightShapes } from "../models/cost.ts";
import type { ModelSpec } from "../models/spec.ts";

function refuse(spec: ModelSpec, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot classify with ${spec.name}: ${rule}: current value is ${value}`,
  );
}

/**
 * Throws a `RangeError` unless `weights` are, in number and in shapes, those of
 * `weightShapes(spec)`, or where the spec is unusable.
 */
export function checkWeights(spec: ModelSpec, weights: FloatArray[]): void {
  const shapes = weightShapes(spec);
  if (weights.length !== shapes.length) {
    refuse(spec, `there must be ${shapes.length} weights`, weights.length);
  }
  weights.forEach(({ shape, values }, index) => {
    const wanted = shapes[index].join("×");
    const size = shapes[index].reduce((a, b) => a * b);
    if (shape.join("×") === wanted && values.length === size) return;
    refuse(
      spec,
      `weight ${index} must have shape ${wanted}`,
      `${shape.join("×")} with ${values.length} numbers`,
    );
  });
}
