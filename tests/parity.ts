import { assert, assertEquals } from "@std/assert";
import { useCpu } from "../core/device/cpu.ts";
import { randomStream } from "../core/random/stream.ts";
import * as tf from "../core/tf.ts";

/** Values in [−1, 1) decided by `name` alone. */
function values(size: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(5, name);
  return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
}

/** A function of tensors to compare two backends by. */
export interface Comparison {
  /** What fails, in the assertion's message. */
  name: string;
  compute: (inputs: tf.Tensor[]) => tf.Tensor;
  /** Shapes of the inputs, which are random unless `quantise` rounds them. */
  shapes: number[][];
  /** Rounds inputs to multiples of this, so that many are equal. */
  quantise?: number;
  /** False where tfjs has no gradient. */
  gradients?: boolean;
}

/** f(x…) and ∂(Σ c·f)/∂x for every x, on the current backend. */
async function results(
  { compute, shapes, quantise, gradients = true }: Comparison,
): Promise<ArrayLike<number>[]> {
  const before = tf.memory().numTensors;
  const tensors = tf.tidy(() => {
    const inputs = shapes.map((shape, index) => {
      const drawn = values(tf.util.sizeFromShape(shape), `input ${index}`);
      return tf.tensor(
        quantise
          ? drawn.map((value) => Math.round(value / quantise) * quantise)
          : drawn,
        shape,
      );
    });
    const output = compute(inputs);
    if (!gradients) return [output];
    const weights = tf.tensor(values(output.size, "weights"), output.shape);
    const differentiate = tf.grads((...inputs: tf.Tensor[]) =>
      tf.sum(tf.mul(weights, compute(inputs)))
    );
    return [output, ...differentiate(inputs)];
  });
  const read: ArrayLike<number>[] = await Promise.all(
    tensors.map((tensor) => tensor.data()),
  );
  tf.dispose(tensors);
  assertEquals(tf.memory().numTensors, before, "tensors were leaked");
  return read;
}

/**
 * Asserts that the current backend computes what tfjs's CPU backend does,
 * forward and gradients, within 10⁻⁵ of the largest magnitude of each: both
 * are float32, but sum in another order.
 */
export async function assertParity(
  comparisons: Comparison[],
): Promise<void> {
  const backend = tf.getBackend();
  const given = [];
  for (const comparison of comparisons) given.push(await results(comparison));
  await useCpu();
  for (const [index, comparison] of comparisons.entries()) {
    const wanted = await results(comparison);
    for (const [part, reference] of wanted.entries()) {
      const what = part === 0 ? "result" : `gradient by input ${part - 1}`;
      assertNear(given[index][part], reference, `${comparison.name}: ${what}`);
    }
  }
  await tf.setBackend(backend);
}

function assertNear(
  given: ArrayLike<number>,
  wanted: ArrayLike<number>,
  name: string,
): void {
  assertEquals(given.length, wanted.length, name);
  const scale = Math.max(...Array.from(wanted, Math.abs));
  assert(scale > 0, `${name}: the reference is all zeros: it tests nothing`);
  for (let i = 0; i < wanted.length; i++) {
    assert(
      // Written so that NaN fails.
      Math.abs(given[i] - wanted[i]) <= 1e-5 * scale,
      `${name}: element ${i} is ${given[i]} where the CPU has ${wanted[i]}`,
    );
  }
}

/** The explicit padding of an image: top and bottom, left and right. */
export type Padding =
  | "same"
  | "valid"
  | number
  | [[0, 0], [number, number], [number, number], [0, 0]];

/** A convolution of `x` `[n, h, w, c]` by `filter` `[kh, kw, c, f]`. */
export function convolution(
  x: number[],
  filter: number[],
  stride: number | [number, number],
  padding: Padding,
): Comparison {
  return {
    name: `conv2d ${x.join("×")} by ${
      filter.join("×")
    }, stride ${stride}, ${padding}`,
    compute: ([x, filter]) =>
      tf.conv2d(
        x.as4D(...extents(x)),
        filter.as4D(...extents(filter)),
        stride,
        padding,
      ),
    shapes: [x, filter],
  };
}

/** A convolution of each channel of `x` `[n, h, w, c]` by its own `[kh, kw]`. */
export function depthwise(
  x: number[],
  [rows, columns]: [number, number],
  stride: number | [number, number],
  padding: Padding,
): Comparison {
  const filter = [rows, columns, x[3], 1];
  return {
    name: `depthwiseConv2d ${
      x.join("×")
    } by ${rows}×${columns}, stride ${stride}, ${padding}`,
    compute: ([x, filter]) =>
      tf.depthwiseConv2d(
        x.as4D(...extents(x)),
        filter.as4D(...extents(filter)),
        stride,
        padding,
      ),
    shapes: [x, filter],
  };
}

/** Max-pooling of `x` `[n, h, w, c]`. */
export function pooling(
  x: number[],
  size: number | [number, number],
  stride: number | [number, number],
  padding: Padding,
  quantise?: number,
): Comparison {
  return {
    name: `maxPool ${x.join("×")} by ${size}, stride ${stride}, ${padding}${
      quantise ? ", with ties" : ""
    }`,
    compute: ([x]) => tf.maxPool(x.as4D(...extents(x)), size, stride, padding),
    shapes: [x],
    quantise,
  };
}

/** Average-pooling of `x` `[n, h, w, c]` by windows side by side. */
export function averagePooling(x: number[], size: number): Comparison {
  return {
    name: `avgPool ${x.join("×")} by ${size}`,
    compute: ([x]) => tf.avgPool(x.as4D(...extents(x)), size, size, "valid"),
    shapes: [x],
  };
}

/** Products op(A)·op(B) of `[…batch, m, k]` and `[…batch, k, n]`, for every op. */
export function products(
  batch: number[],
  [m, k, n]: [number, number, number],
): Comparison[] {
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name:
        `matMul [${batch}] ${m}×${k}×${n}, transposed ${transposeA}, ${transposeB}`,
      compute: ([a, b]: tf.Tensor[]) => tf.matMul(a, b, transposeA, transposeB),
      shapes: [
        [...batch, ...(transposeA ? [k, m] : [m, k])],
        [...batch, ...(transposeB ? [n, k] : [k, n])],
      ],
    }))
  );
}

function extents({ shape }: tf.Tensor): [number, number, number, number] {
  const [a, b, c, d] = shape;
  return [a, b, c, d];
}
