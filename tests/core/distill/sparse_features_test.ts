import { assertEquals, assertRejects } from "@std/assert";
import { writeFeatureRows } from "../../../core/distill/feature_file.ts";
import type { FeaturePart } from "../../../core/distill/feature_store.ts";
import { readSparseFeatures } from "../../../core/distill/resident_features.ts";
import { BLOCK_ROWS } from "../../../core/distill/sparse_features.ts";
import { useCpu } from "../../../core/device/cpu.ts";
import { useWasm } from "../../../core/device/wasm.ts";
import {
  pickHalfRows,
  pickPackedRows,
} from "../../../core/distill/feature_rows.ts";
import { packedMatMul } from "../../../core/kernels/packed_mat_mul/op.ts";
import * as tf from "../../../core/tf.ts";
import { fillDropoutMask } from "../../../core/random/dropout_mask.ts";
import { randomStream } from "../../../core/random/stream.ts";

const WIDTH = 37;
const COUNT = BLOCK_ROWS + 3;

/** Numbers that float16 holds exactly, the given share of them 0. */
function drawFeatures(zeros: number): Float32Array<ArrayBuffer> {
  const random = randomStream(3);
  return Float32Array.from(
    { length: COUNT * WIDTH },
    () => random.uniform() < zeros ? 0 : random.below(1000) / 8,
  );
}

/** A file of these features as a part of a store, gone when disposed of. */
async function writePart(values: Float32Array<ArrayBuffer>) {
  const path = await Deno.makeTempFile();
  using file = await Deno.open(path, { write: true });
  const rows = { start: 0, width: WIDTH, values };
  const checksums = writeFeatureRows(file, "float16", rows);
  const part: FeaturePart = {
    count: COUNT,
    path,
    precision: "float16",
    checksums,
    labels: new Uint8Array(COUNT),
    logits: new Float32Array(COUNT),
  };
  return { part, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

const values = drawFeatures(0.8);

/** The rows at `indices` of the dense features. */
function denseRows(indices: number[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    indices.flatMap((row) => [
      ...values.subarray(row * WIDTH, (row + 1) * WIDTH),
    ]),
  );
}

const ROWS = [COUNT - 1, 0, BLOCK_ROWS, 0, BLOCK_ROWS - 1];

/** I of `[WIDTH, WIDTH]`, times which rows stay what they are. */
function identity(): tf.Tensor {
  return tf.eye(WIDTH);
}

Deno.test("sparse features give the rows that were written", async () => {
  await using file = await writePart(values);
  const features = await readSparseFeatures(file.part, WIDTH, 1e9);
  if (!features) throw new Error("The features are not held");
  const halves = new Float16Array(pickHalfRows(features, ROWS).buffer);
  assertEquals(new Float32Array(halves), denseRows(ROWS));
  for (const use of [useCpu, useWasm]) {
    await use();
    const product = packedMatMul(pickPackedRows(features, ROWS), identity());
    assertEquals(await product.data(), denseRows(ROWS));
  }
});

Deno.test("sparse features drop what a dense mask drops", async () => {
  await using file = await writePart(values);
  const features = await readSparseFeatures(file.part, WIDTH, 1e9);
  if (!features) throw new Error("The features are not held");
  const size = ROWS.length * WIDTH;
  const mask = fillDropoutMask(new Float32Array(size), 0.5, [8, 9], 5);
  const expected = denseRows(ROWS).map((value, i) => value * mask[i]);
  const dropout = { rate: 0.5, key: [8, 9], first: 5 } as const;
  for (const use of [useCpu, useWasm]) {
    await use();
    const rows = pickPackedRows(features, ROWS);
    const product = packedMatMul(rows, identity(), dropout);
    assertEquals(await product.data(), expected);
  }
});

Deno.test("features that are mostly not 0, too large, or exact aren't kept sparse", async () => {
  await using dense = await writePart(drawFeatures(0.4));
  assertEquals(await readSparseFeatures(dense.part, WIDTH, 1e9), undefined);
  await using file = await writePart(values);
  assertEquals(await readSparseFeatures(file.part, WIDTH, 1e3), undefined);
  const exact: FeaturePart = { ...file.part, precision: "float32" };
  assertEquals(await readSparseFeatures(exact, WIDTH, 1e9), undefined);
});

Deno.test("a file that ends too early is refused", async () => {
  await using file = await writePart(values);
  await Deno.truncate(file.part.path, 1000);
  await assertRejects(
    () => readSparseFeatures(file.part, WIDTH, 1e9),
    SyntaxError,
    "it ends after 1000",
  );
});
