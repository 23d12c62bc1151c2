import type { FloatArray } from "../files/safetensors.ts";
import { shapeLayers } from "../models/shapes.ts";
import type { ModelSpec } from "../models/spec.ts";

/** With pixels of up to 2^32 and what Winograd's transforms add, sums up to here stay far below 2^128. */
const SAFE_SUM = 2 ** 64;

function refuse(spec: ModelSpec, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot classify with ${spec.name}: ${rule}: current value is ${value}`,
  );
}

/**
 * Throws a `RangeError` unless `weights` are, in number and in shapes, those of a usable
 * `spec`, and finite.
 */
export function checkWeights(spec: ModelSpec, weights: FloatArray[]): void {
  const shapes = shapeLayers(spec).flatMap(({ weights }) => weights);
  if (weights.length !== shapes.length) {
    refuse(spec, `there must be ${shapes.length} weights`, weights.length);
  }
  weights.forEach(({ shape, values }, index) => {
    const wanted = shapes[index].join("×");
    const size = shapes[index].reduce((a, b) => a * b);
    if (shape.join("×") !== wanted || values.length !== size) {
      refuse(
        spec,
        `weight ${index} must have shape ${wanted}`,
        `${shape.join("×")} with ${values.length} numbers`,
      );
    }
    for (let i = 0; i < size; i++) {
      if (Number.isFinite(values[i])) continue;
      refuse(spec, `number ${i} of weight ${index} must be finite`, values[i]);
    }
  });
}

/**
 * Whether some sum of a model may leave float32, whatever the image. For pixels
 * from −1 to 1, and then for the numbers of each layer, none is larger than
 * max|x| + max_f (|b_f| + max|x| Σ_k |w_kf|): a residual layer adds what it reads, and no
 * activation makes a number larger.
 *
 * `weights` must have passed {@linkcode checkWeights}.
 */
export function maySumsOverflow(weights: FloatArray[]): boolean {
  let most = 1;
  for (let index = 0; index < weights.length; index += 2) {
    const [kernel, bias] = [weights[index].values, weights[index + 1].values];
    const sums = Float64Array.from(bias, Math.abs);
    for (let i = 0; i < kernel.length; i++) {
      sums[i % sums.length] += most * Math.abs(kernel[i]);
    }
    most += sums.reduce((a, b) => Math.max(a, b));
  }
  return most > SAFE_SUM;
}
