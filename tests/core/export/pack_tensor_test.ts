import { assert, assertEquals } from "@std/assert";
import {
  packedBytes,
  type PackedNumbers,
  type PackedTensor,
  packTensor,
} from "../../../core/export/pack_tensor.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { decodeHalf } from "../../../core/infer/half.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { drawTensor } from "../infer/fuzz/draw_model.ts";

/** Numbers as a program reads them. */
function unpack({ width, data }: PackedNumbers, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const at = index * width;
    const two = data[at >> 3] | data[(at >> 3) + 1] << 8;
    return two >> at % 8 & 2 ** width - 1;
  });
}

function read(packed: PackedTensor, count: number): Float32Array {
  switch (packed.kind) {
    case "levels": {
      const { numbers, least, step, scale } = packed;
      return Float32Array.from(
        unpack(numbers, count),
        (n, i) => (least + step * n) * scale[i % scale.length],
      );
    }
    case "codebook":
      return Float32Array.from(
        unpack(packed.numbers, count),
        (n) => packed.codebook[n],
      );
    case "halves":
      return Float32Array.from(packed.halves, decodeHalf);
    case "floats":
      return packed.values;
    default:
      return packed satisfies never;
  }
}

Deno.test("packed tensors give every weight back, in no more bytes than float32s", () => {
  const random = randomStream(1, "pack");
  const kinds = new Set<string>();
  for (let i = 0; i < 400; i++) {
    const shape = [1 + random.below(9), 1 + random.below(9)];
    const tensor = drawTensor(random, shape);
    const { values } = decodeTensor(tensor);
    const packed = packTensor(tensor);
    kinds.add(packed.kind);
    // −0 is 0.
    assertEquals(
      read(packed, values.length).map((value) => value + 0),
      values.map((value) => value + 0),
    );
    assert(packedBytes(packed) <= 4 * values.length);
  }
  assertEquals([...kinds].sort(), ["codebook", "floats", "halves", "levels"]);
});
