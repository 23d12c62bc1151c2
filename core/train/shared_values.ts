import * as tf from "../tf.ts";

const FLOAT_BYTES = 4;

/** Memory for the values of tensors of these shapes, that workers share. */
export function allocateShared(shapes: number[][]): SharedArrayBuffer {
  const count = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return new SharedArrayBuffer(count * FLOAT_BYTES);
}

function sizeOf(shape: number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Writes the tensors' values one after another. */
export async function writeShared(
  shared: SharedArrayBuffer,
  tensors: tf.Tensor[],
): Promise<void> {
  const values = new Float32Array(shared);
  let offset = 0;
  for (const tensor of tensors) {
    values.set(await tensor.data<"float32">(), offset);
    offset += tensor.size;
  }
}

/** The values that lie there, as new tensors of these shapes. */
export function readShared(
  shared: SharedArrayBuffer,
  shapes: number[][],
): tf.Tensor[] {
  let offset = 0;
  return shapes.map((shape) => {
    const size = sizeOf(shape);
    const values = new Float32Array(shared, offset * FLOAT_BYTES, size);
    offset += size;
    return tf.tensor(values, shape, "float32");
  });
}
