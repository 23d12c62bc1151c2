import { assertEquals } from "@std/assert";
import { useWasm } from "../../../../core/device/wasm.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import * as tf from "../../../../core/tf.ts";

/** Numbers of a shape, to make a tensor of. */
export interface Given {
  shape: number[];
  values: Float32Array | Int32Array;
}

/** `shape` filled with numbers of [−1, 1) that `name` alone decides. */
export function draw(shape: number[], name: string): Given {
  const random = randomStream(3, name);
  const values = Float32Array.from(
    { length: tf.util.sizeFromShape(shape) },
    () => 2 * random.uniform() - 1,
  );
  return { shape, values };
}

/** What the kernel called `name` gives on Wasm; asserts that it leaves no tensor behind. */
export async function runOnWasm(
  name: string,
  inputs: Record<string, Given>,
  attributes: tf.NamedAttrMap = {},
): Promise<Given[]> {
  await useWasm();
  const tensors: Record<string, tf.Tensor> = {};
  for (const [key, { shape, values }] of Object.entries(inputs)) {
    tensors[key] = tf.tensor(
      values,
      shape,
      values instanceof Float32Array ? "float32" : "int32",
    );
  }
  const before = { ...tf.memory(), onHeap: tf.backend().numDataIds() };
  const result = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(
    name,
    tensors,
    attributes,
  );
  const outputs = Array.isArray(result) ? result : [result];
  const given: Given[] = [];
  for (const output of outputs) {
    const values = await output.data();
    if (values instanceof Uint8Array) throw new TypeError("a bool tensor");
    given.push({ shape: output.shape, values });
  }
  tf.dispose(outputs);
  const after = tf.memory();
  assertEquals(after.numTensors, before.numTensors, "tensors were leaked");
  assertEquals(after.numDataBuffers, before.numDataBuffers, "data was leaked");
  assertEquals(tf.backend().numDataIds(), before.onHeap, "memory was leaked");
  tf.dispose(Object.values(tensors));
  return given;
}
