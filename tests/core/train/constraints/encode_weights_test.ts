import { assertEquals, assertThrows } from "@std/assert";
import { encodeWeights } from "../../../../core/train/constraints/encode_weights.ts";

function floats(...values: number[]) {
  return { shape: [values.length], values: Float32Array.from(values) };
}

Deno.test("weights are encoded as their constraints say", () => {
  const mask = Uint8Array.of(1, 0, 1);
  const uniform = {
    kind: "uniform",
    bits: 3,
    perChannel: false,
    powerOfTwo: false,
  } as const;
  const indices = Uint8Array.of(1, 0, 1);
  const codebook = { kind: "codebook", size: 2, indices } as const;
  const shape = [3];
  assertEquals(
    encodeWeights(
      [
        { kind: "free" },
        { kind: "half" },
        { kind: "mask", mask },
        { ...uniform, mask },
        { ...uniform, bits: 1 },
        codebook,
        { ...codebook, pruned: true },
      ],
      new Array(7).fill(shape),
      [
        floats(0.1, 2, 3),
        floats(0.1, 2, 1e9),
        floats(0.1, 2, 3),
        ...[floats(0.6, 2, -9), floats(-1)], // Step 2⁻¹.
        ...[floats(0.6, 0, -9), floats(-3.4001)], // Step 2⁻⁴ · 1.625.
        floats(0.1, -2),
        floats(0.1, -2),
      ],
    ),
    [
      { kind: "float", shape, bits: 32, values: Float32Array.of(0.1, 2, 3) },
      {
        kind: "float",
        shape,
        bits: 16,
        values: Float32Array.of(0.0999755859375, 2, 65504),
      },
      { kind: "float", shape, bits: 32, values: Float32Array.of(0.1, 0, 3) },
      {
        kind: "uniform",
        shape,
        bits: 3,
        scale: Float32Array.of(0.5),
        levels: Int8Array.of(1, 0, -4),
      },
      {
        kind: "uniform",
        shape,
        bits: 1,
        scale: Float32Array.of(0.1015625),
        levels: Int8Array.of(1, 1, -1),
      },
      {
        kind: "codebook",
        shape,
        codebook: Float32Array.of(0.0999755859375, -2),
        indices,
      },
      {
        kind: "codebook",
        shape,
        codebook: Float32Array.of(0, -2),
        indices,
      },
    ],
  );
});

Deno.test("a missing step size is told", () => {
  assertThrows(
    () =>
      encodeWeights(
        [{ kind: "uniform", bits: 3, perChannel: false, powerOfTwo: false }],
        [[2]],
        [floats(1, 2)],
      ),
    RangeError,
    "there must be 2 variables: current value is 1",
  );
});
