import { encodeDram } from "../../../core/compress/code/encode_dram.ts";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { inspectDram } from "../../../core/infer/inspect_dram.ts";
import { smallDram, smallModel } from "./small_model.ts";

const bytes = smallDram();
const inspection = inspectDram(bytes);

Deno.test("every bit of a file belongs to one part", () => {
  const { bits, frameBytes } = inspection;
  const parts = Object.values(bits).reduce((a, b) => a + b);
  assertAlmostEquals(parts / 8 + frameBytes, bytes.length, 1e-9);
  assertEquals(frameBytes, 7);
  // The shortest stream in the last interval may say a little more than it has to.
  assert(bits.rest > -16 && bits.rest < 8, `${bits.rest}`);
  const weights = inspection.tensors.map(({ weightBits }) => weightBits);
  assertAlmostEquals(weights.reduce((a, b) => a + b), bits.weights, 1e-9);
});

Deno.test("an inspection holds what the decoder finds", () => {
  const { spec, labels } = decodeDram(bytes);
  assertEquals(inspection.spec, spec);
  assertEquals(inspection.labels, labels);
  assertEquals(inspection.bytes, bytes.length);
  const { tensors } = smallModel();
  assertEquals(
    inspection.tensors.map(({ shape, kind, bits }) => ({ shape, kind, bits })),
    tensors.map(({ shape }) => ({ shape, kind: "uniform", bits: 5 })),
  );
  const zeros = tensors.map((tensor) =>
    tensor.kind === "uniform"
      ? tensor.levels.filter((level) => level === 0).length
      : 0
  );
  assertEquals(inspection.tensors.map(({ zeros }) => zeros), zeros);
  assertEquals(inspection.parameters, 50 + 50 + 60);
});

Deno.test("evenly distributed levels of 5 bits cost 5 bits each, and their entropy is less", () => {
  const [kernel] = inspection.tensors;
  assert(kernel.bitsPerWeight > 4.9 && kernel.bitsPerWeight < 5.7);
  assert(kernel.entropy < 5);
});

Deno.test("plain numbers and codebooks are inspected too", () => {
  const model = smallModel();
  const [kernel, bias] = model.tensors;
  const tensors = model.tensors.with(0, {
    kind: "codebook",
    shape: kernel.shape,
    codebook: Float32Array.of(-0.5, 0, 0.25),
    indices: Uint8Array.from({ length: 45 }, (_, i) => i % 3),
  }).with(1, {
    kind: "float",
    shape: bias.shape,
    bits: 16,
    values: Float32Array.of(1, 2, 0, 4, 5),
  });
  const [first, second] =
    inspectDram(encodeDram({ ...model, tensors })).tensors;
  assertEquals([first.bits, first.scales, first.zeros], [
    2,
    [-0.5, 0, 0.25],
    15,
  ]);
  assertEquals([second.bits, second.scales, second.zeros], [16, [], 1]);
  assertEquals([second.coding, second.scaleBits], ["plain", 0]);
});
