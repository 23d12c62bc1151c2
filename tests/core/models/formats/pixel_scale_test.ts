import {
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { lowerRow } from "../../../../core/models/formats/lower_row.ts";
import type { PixelScale } from "../../../../core/models/formats/pixel_scale.ts";
import type {
  ForeignRow,
  RowStep,
} from "../../../../core/models/formats/row.ts";
import { loadModel } from "../../../../core/models/formats/load_model.ts";
import { WEIGHTS, withSaved } from "./saved_model.ts";
import { writeModel } from "./onnx/write_model.ts";

/** y = x · scale + offset. */
const affine = (scale: number[], offset: number[] = [0]): RowStep => ({
  kind: "affine",
  name: "scaled",
  axis: -1,
  scale: Float64Array.from(scale),
  offset: Float64Array.from(offset),
});

/** A sum of two channels by one weight each, behind `steps`. */
function rowOf(...steps: RowStep[]): ForeignRow {
  return {
    name: "sums",
    input: [1, 1, 2],
    steps: [...steps, {
      kind: "layer",
      layer: {
        kind: "conv2d",
        name: "conv",
        filters: 2,
        size: 1,
        activation: "linear",
      },
      weights: [{ shape: [1, 1, 2, 2], values: Float32Array.of(1, 2, 4, 8) }],
    }],
  };
}

/** Kernel and bias of what reads pixels of 0 to 1. */
function read(row: ForeignRow, pixels?: PixelScale): number[][] {
  return lowerRow(row, "a row", { pixels }).weights
    .map(({ values }) => Array.from(values));
}

Deno.test("what pixels become is part of the first layer's weights", () => {
  assertEquals(read(rowOf()), [[1, 2, 4, 8], [0, 0]]);
  assertEquals(
    read(rowOf(), { scale: 255, mean: [0], deviation: [1] }),
    [[255, 510, 1020, 2040], [0, 0]],
  );
  // (pixel · 2 − 0.5) / 0.25 of the first channel, (pixel · 2 − 1) / 0.5 of the second.
  assertEquals(
    read(rowOf(), { scale: 2, mean: [0.5, 1], deviation: [0.25, 0.5] }),
    [[8, 16, 16, 32], [-2 - 8, -4 - 16]],
  );
});

Deno.test("a model that first scales down was made to read pixels of 0 to 255, unless it is told", () => {
  assertEquals(read(rowOf(affine([1 / 255]))), [[1, 2, 4, 8], [0, 0]]);
  assertEquals(read(rowOf(affine([1 / 16]))), [
    [1, 2, 4, 8].map((weight) => weight * 255 / 16),
    [0, 0],
  ]);
  assertEquals(read(rowOf(affine([1 / 8]))), [[0.125, 0.25, 0.5, 1], [0, 0]]);
  // One channel of two isn't all.
  assertEquals(read(rowOf(affine([1 / 64, 1]))), [
    [1 / 64, 2 / 64, 4, 8],
    [0, 0],
  ]);
  assertEquals(
    read(rowOf(affine([1 / 64]), affine([64]))),
    [[1, 2, 4, 8], [0, 0]],
  );
  assertEquals(
    read(rowOf(affine([1 / 64])), { scale: 1, mean: [0], deviation: [1] }),
    [[1, 2, 4, 8].map((weight) => weight / 64), [0, 0]],
  );
});

Deno.test("factors of an image's columns aren't taken for those of its channels", () => {
  const { steps } = rowOf();
  const columns = (shape: number[]): ForeignRow => ({
    name: "columns",
    input: [1, 2],
    steps: [affine([2, 4], [0, 0]), {
      kind: "reshape",
      name: "reshape",
      shape,
    }, ...steps],
  });
  // As many as the channels that come of them.
  assertEquals(read(columns([1, 1, 2])), [[2, 4, 16, 32], [0, 0]]);
  assertThrows(
    () => read(columns([1, 2, 1])),
    SyntaxError,
    "layer scaled must go by an image's channels",
  );
});

Deno.test("an ONNX model that reads bytes reads pixels of 0 to 255", async () => {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  const weights = {
    shape: [4, 3],
    values: Array.from({ length: 12 }, () => 1),
  };
  for (
    const [inputType, usual] of [[2, 255], [1, 1]]
  ) {
    await Deno.writeFile(
      file,
      writeModel({
        input: ["n", 4],
        inputType,
        nodes: [["Cast", ["x"], "c", { to: 1 }], ["MatMul", ["c", "w"], "y"]],
        tensors: { w: weights },
      }),
    );
    const plain = await loadModel(file);
    assertEquals(plain.pixels, undefined);
    assertEquals(plain.weights[0].values[0], usual);
    const pixels = { scale: 1, mean: [0.5], deviation: [0.25] };
    const told = await loadModel(file, { pixels });
    assertEquals(told.pixels, pixels);
    assertEquals(told.weights[0].values[0], 4);
    assertAlmostEquals(told.weights[1].values[0], -8);
  }
  await Deno.remove(file);
});

Deno.test("a tfjs model of another program reads the pixels that it is told; one made here says itself", async () => {
  await withSaved(() => {}, async (folder) => {
    const pixels = { scale: 255, mean: [0], deviation: [1] };
    const own = await loadModel(folder, { pixels });
    assertEquals([own.pixels, own.weights], [undefined, WEIGHTS]);
    // A web app's, beside a model that it has.
    await Deno.writeTextFile(`${folder}/manifest.json`, '{"name":"an app"}');
    const plain = await loadModel(folder);
    assertEquals(plain.manifest, undefined);
    const told = await loadModel(folder, { pixels });
    assertEquals([told.pixels, plain.weights], [pixels, WEIGHTS]);
    assertEquals(
      told.weights[0].values,
      WEIGHTS[0].values.map((weight) => weight * 255),
    );
    assertEquals(told.weights.slice(1), WEIGHTS.slice(1));
    assertNotEquals(told.sha256, plain.sha256);
  });
});
