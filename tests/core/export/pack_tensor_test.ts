import { assert, assertEquals } from "@std/assert";
import {
  packedBytes,
  type PackedNumbers,
  type PackedTensor,
  packTensor,
} from "../../../core/export/pack_tensor.ts";
import type { EncodedTensor } from "../../../core/infer/encoded_tensor.ts";
import { decodeTensor } from "../../../core/infer/decode_tensor.ts";
import { decodeHalf } from "../../../core/infer/half.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { drawTensor } from "../infer/fuzz/draw_model.ts";

/** Numbers as a program reads them. */
function unpack({ count, width, data }: PackedNumbers): number[] {
  return Array.from({ length: count }, (_, index) => {
    const at = index * width;
    const two = data[at >> 3] | data[(at >> 3) + 1] << 8;
    return two >> at % 8 & 2 ** width - 1;
  });
}

/** Weights of which only some are there, with 0 for the others. */
function fillGaps(
  there: number[],
  gaps: PackedNumbers | undefined,
  { count, channels }: { count: number; channels: number },
): number[] {
  if (!gaps) return there;
  const all = Array.from({ length: count }, () => 0);
  const before = unpack(gaps);
  let place = 0;
  there.forEach((value, index) => {
    place += before[index];
    const [channel, row] = [Math.floor(place * channels / count), place];
    all[row % (count / channels) * channels + channel] = value;
    place++;
  });
  assertEquals(place + (before.at(-1) ?? 0), count);
  return all;
}

function read(
  packed: PackedTensor,
  size: { count: number; channels: number },
): Float32Array {
  switch (packed.kind) {
    case "levels": {
      const { numbers, gaps, least, step, scale } = packed;
      const levels = unpack(numbers).map((n) => least + step * n);
      return Float32Array.from(
        fillGaps(levels, gaps, size),
        (level, i) => level * scale[i % scale.length],
      );
    }
    case "codebook": {
      const { numbers, gaps, codebook } = packed;
      const values = unpack(numbers).map((n) => codebook[n]);
      return Float32Array.from(fillGaps(values, gaps, size));
    }
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
    const channels = shape[1];
    const packed = packTensor(tensor, channels);
    kinds.add(packed.kind);
    // −0 is 0.
    assertEquals(
      read(packed, { count: values.length, channels }).map((value) =>
        value + 0
      ),
      values.map((value) => value + 0),
    );
    assert(packedBytes(packed) <= 4 * values.length);
  }
  assertEquals([...kinds].sort(), ["codebook", "floats", "halves", "levels"]);
});

/** A kernel of `count` weights, a share of which are not 0. */
function prune(
  kind: "uniform" | "codebook",
  { shape, share }: { shape: number[]; share: number },
): EncodedTensor {
  const random = randomStream(shape[0], "prune", share);
  const length = shape.reduce((a, b) => a * b);
  const draw = () => random.uniform() < share ? 1 + random.below(7) : 0;
  if (kind === "codebook") {
    const codebook = Float32Array.from({ length: 8 }, (_, i) => i / 8);
    const indices = Uint8Array.from({ length }, draw);
    return { kind, shape, codebook, indices };
  }
  const scale = Float32Array.from(
    { length: shape[1] },
    (_, i) => 2 ** (i % 3 - 1),
  );
  const levels = Int8Array.from({ length }, () => draw() - 3 * random.below(2))
    .map((level) => random.uniform() < share ? level : 0);
  return { kind, shape, bits: 5, scale, levels };
}

function gapsOf(packed: PackedTensor): PackedNumbers | undefined {
  return "gaps" in packed ? packed.gaps : undefined;
}

Deno.test("zeros of a pruned kernel are left out where that pays", () => {
  for (const kind of ["uniform", "codebook"] as const) {
    // A gap longer than any number says lies between weights of the sparsest.
    for (const share of [0.0005, 0.02, 0.2, 0.9]) {
      const shape = [700, 30];
      const tensor = prune(kind, { shape, share });
      const { values } = decodeTensor(tensor);
      const packed = packTensor(tensor, shape[1]);
      assertEquals(packed.kind, kind === "uniform" ? "levels" : kind);
      assertEquals(
        gapsOf(packed) !== undefined,
        share < 0.5,
        `${kind} ${share}`,
      );
      const size = { count: values.length, channels: shape[1] };
      assertEquals(
        read(packed, size).map((value) => value + 0),
        values.map((value) => value + 0),
      );
      const bits = 8 * packedBytes(packed) / values.length;
      assert(bits < (share < 0.1 ? 1 : share < 0.5 ? 3 : 6), String(bits));
    }
  }
});

Deno.test("what saves less than the code for it is packed whole", () => {
  for (const count of [20, 2000]) {
    const tensor = prune("codebook", { shape: [count, 10], share: 0.05 });
    const packed = packTensor(tensor, 10);
    assertEquals(gapsOf(packed) !== undefined, count === 2000);
  }
});
