import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertSameModel } from "../../../../core/compress/certificate.ts";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { decodeDram, peekDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import {
  frameStream,
  unframeStream,
} from "../../../../core/infer/dram_frame.ts";
import { inspectDram } from "../../../../core/infer/inspect_dram.ts";
import { loadEncoded } from "../../../../core/infer/load.ts";
import { loadPlain } from "../../../../core/infer/load_plain.ts";
import { classCount } from "../../../../core/models/cost.ts";
import { boundIntegers } from "../../../../core/models/integer.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { drawIntegers, drawIntegerSpec } from "../../models/random_integers.ts";

/** A random model whose bounds hold, if that of `seed` is one. */
function drawModel(seed: number) {
  const random = randomStream(seed, "integer files");
  const drawn = drawIntegers(random, drawIntegerSpec(random));
  const classes = classCount(drawn.spec);
  const labels = Array.from({ length: classes }, (_, i) => `${i}`);
  const model = { ...drawn, labels };
  try {
    boundIntegers(model.spec, model.tensors.map(decodeTensor));
  } catch {
    return;
  }
  return model;
}

Deno.test("a file of version 4 gives back the model of integers that it was made of", () => {
  let count = 0;
  for (let seed = 0; count < 300; seed++) {
    const model = drawModel(seed);
    if (!model) continue;
    count++;
    const bytes = encodeDram(model);
    assertEquals(unframeStream(bytes).version, 4);
    const read = decodeDram(bytes);
    assertSameModel(read, model);
    assertEquals(encodeDram(read), bytes);
    assertEquals(peekDram(bytes).spec, read.spec);
    const { preprocessing, frameBytes, bits } = inspectDram(bytes);
    assertEquals([preprocessing, frameBytes], ["pixels", 4]);
    const sum = Object.values(bits).reduce((a, b) => a + b);
    assert(Math.abs(sum - 8 * (bytes.length - 4)) < 1e-6);
    assertThrows(() => loadPlain(bytes), SyntaxError, "version 4");
  }
});

Deno.test("changed files are refused or hold a whole model, whose bounds hold", () => {
  const random = randomStream(9, "changed integers");
  let decoded = 0;
  for (let seed = 0; seed < 4000; seed++) {
    const model = drawModel(seed % 40);
    if (!model) continue;
    const stream = unframeStream(encodeDram(model)).stream.slice();
    for (let change = random.below(3); change >= 0; change--) {
      stream[random.below(stream.length)] = random.below(256);
    }
    try {
      const budget = { operations: 2 ** 20, weights: 2 ** 16 };
      const read = decodeDram(frameStream(stream, 4), { budget });
      decoded++;
      boundIntegers(read.spec, read.tensors.map(decodeTensor));
      const size = read.spec.input.reduce((a, b) => a * b);
      const { logits } = loadEncoded(read).classify(new Uint8Array(size));
      assert(logits.every(Number.isFinite));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof RangeError) {
        if (error.message.startsWith("Cannot ")) continue;
      }
      throw error;
    }
  }
  assert(decoded > 50, `${decoded} were decoded`);
});

Deno.test("a file in which the shift of the logits is of no sums is refused", () => {
  // As encodings go: a maximum of 28×28 pixels, and one that a flatten follows.
  for (const hex of ["d78c2c92f8", "d7933f9f8ef3a432"]) {
    const bytes = Uint8Array.fromHex(hex);
    assertThrows(() => decodeDram(bytes), RangeError, "must end in linear");
    assertThrows(() => peekDram(bytes), RangeError, "must end in linear");
  }
});

Deno.test("a byte more, less or another is found", () => {
  const spec = parseLayers("conv3x4:round7,max2,mean:round3", { shift: 4 });
  const drawn = drawIntegers(randomStream(1, "frame"), spec);
  const bytes = encodeDram({ ...drawn, labels: [..."0123456789"] });
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeDram(bytes.subarray(0, length)), SyntaxError);
  }
  assertThrows(() => decodeDram(Uint8Array.of(...bytes, 0)), SyntaxError);
  for (let i = 4; i < bytes.length; i++) {
    const damaged = bytes.slice();
    damaged[i] ^= 1 << i % 8;
    assertThrows(() => decodeDram(damaged), SyntaxError, "checksum");
  }
});

Deno.test("a bias that no level is, is a plain integer; what no file can hold is refused", () => {
  const spec = parseLayers("dense2:round9", { input: [2, 1, 1], classes: 2 });
  const model = drawIntegers(randomStream(2, "wide"), spec);
  const labels = ["0", "1"];
  const bias = (values: number[]) => ({
    kind: "float" as const,
    shape: [2],
    bits: 32 as const,
    values: Float32Array.from(values),
  });
  const wide = {
    ...model,
    labels,
    tensors: model.tensors.with(1, bias([-70_001, 5])),
  };
  for (const value of [-70_001, 2 ** 22 - 1, 1 - 2 ** 22, 2 ** 23 - 1]) {
    const { tensors } = decodeDram(encodeDram({
      ...wide,
      tensors: model.tensors.with(1, bias([value, 5])),
    }));
    assertEquals(decodeTensor(tensors[1]).values, Float32Array.of(value, 5));
  }
  for (
    const [values, rule] of [[[0.5, 1], "integers"], [
      [2 ** 24, 0],
      "2^24",
    ]] as [number[], string][]
  ) {
    const wrong = { ...wide, tensors: model.tensors.with(1, bias(values)) };
    assertThrows(() => encodeDram(wrong), RangeError, rule);
  }
});
