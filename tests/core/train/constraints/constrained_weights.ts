import { startVariables } from "../../../../core/train/constraints/start_variables.ts";
import type { Constraint } from "../../../../core/train/constraints/constraint.ts";
import type { FloatArray } from "../../../../core/files/safetensors.ts";
import { randomStream } from "../../../../core/random/stream.ts";

/** Weights in (−1, 1) decided by `seed`. */
export function drawWeights(shape: number[], seed: number): FloatArray {
  const random = randomStream(seed, "constrained weights", shape.join());
  const size = shape.reduce((total, extent) => total * extent, 1);
  const values = Float32Array.from(
    { length: size },
    () => 2 * random.uniform() - 1,
  );
  return { shape, values };
}

/** A mask that keeps about two weights of three. */
export function drawMask(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(seed, "mask", size);
  return Uint8Array.from({ length: size }, () => random.below(3) ? 1 : 0);
}

function drawIndices(size: number, entries: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(3, "indices", size);
  return Uint8Array.from({ length: size }, () => random.below(entries));
}

const SHAPES = [[3, 3, 4, 5], [3, 3, 6, 1], [7, 3], [5]];

/** Every kind of constraint on weights of several shapes, as one model has them. */
export function constrainedWeights(): {
  constraints: Constraint[];
  shapes: number[][];
  variables: FloatArray[];
} {
  const constraints: Constraint[] = [];
  const weights: FloatArray[] = [];
  for (const shape of SHAPES) {
    const size = shape.reduce((total, extent) => total * extent, 1);
    const mask = drawMask(size, 1);
    const indices = drawIndices(size, 5);
    constraints.push(
      { kind: "free" },
      { kind: "half" },
      { kind: "mask", mask },
      { kind: "codebook", size: 5, indices },
      { kind: "codebook", size: 5, indices, pruned: true },
    );
    for (const bits of [1, 2, 3, 4, 8]) {
      for (const perChannel of [false, true]) {
        for (const powerOfTwo of [false, true]) {
          const uniform = {
            kind: "uniform",
            bits,
            perChannel,
            powerOfTwo,
          } as const;
          constraints.push(uniform);
          if (bits > 1) constraints.push({ ...uniform, mask });
        }
      }
    }
  }
  const each = constraints.length / SHAPES.length;
  for (const [index] of constraints.entries()) {
    weights.push(drawWeights(SHAPES[Math.floor(index / each)], index));
  }
  return {
    constraints,
    shapes: weights.map(({ shape }) => shape),
    variables: startVariables(weights, constraints),
  };
}
