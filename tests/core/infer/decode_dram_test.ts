import { assert, assertEquals, assertThrows } from "@std/assert";
import { RangeEncoder } from "../../../core/compress/code/range_encoder.ts";
import { decodeDram } from "../../../core/infer/decode_dram.ts";
import { frameStream } from "../../../core/infer/dram_frame.ts";
import type { BitCoder } from "../../../core/infer/stream/bit_coder.ts";
import {
  codeInput,
  codeLayers,
  PLAIN_GRAMMARS,
} from "../../../core/infer/stream/code_layers.ts";
import { codeModel } from "../../../core/infer/stream/code_model.ts";
import { codeBits, codeFlag } from "../../../core/infer/stream/code_numbers.ts";
import type { TensorPlan } from "../../../core/infer/stream/code_tensor.ts";
import type { ImageShape } from "../../../core/data/dataset.ts";
import { weightShapes } from "../../../core/models/cost.ts";
import type { LayerSpec } from "../../../core/models/spec.ts";
import { fc } from "../../seeded_check.ts";
import { smallDram } from "./small_model.ts";
import { specOf } from "./write_dram.ts";

/** A file whose frame is right, and whose stream is what `pass` writes. */
function fileOf(pass: (coder: BitCoder) => void): Uint8Array {
  const encoder = new RangeEncoder();
  pass(encoder);
  return frameStream(encoder.finish(), 1);
}

/** A file that ends after its architecture. */
function architectureOf(input: ImageShape, layers: LayerSpec[]): Uint8Array {
  return fileOf((coder) => {
    codeFlag(coder, 1, false);
    codeInput(coder, input);
    codeLayers(coder, PLAIN_GRAMMARS[1], layers);
  });
}

const conv = (filters: number, size = 3): LayerSpec => ({
  kind: "conv2d",
  name: "",
  filters,
  size,
  activation: "relu",
});
const dense = (units: number): LayerSpec => ({
  kind: "dense",
  name: "",
  units,
  activation: "linear",
});
const FLATTEN: LayerSpec = { kind: "flatten", name: "" };
const SOFTMAX: LayerSpec = { kind: "softmax", name: "" };

const impossible: [string, ImageShape, LayerSpec[], string][] = [
  [
    "too many weights",
    [28, 28, 1],
    [FLATTEN, dense(60_000), SOFTMAX],
    "at most 16777216 weights: it has 47100000",
  ],
  [
    "too many operations",
    [1000, 1000, 1],
    [conv(3, 30), FLATTEN, SOFTMAX],
    "at most 2147483648 operations to classify an image: it has 4311669052",
  ],
  [
    "an input that is too large",
    [60_000, 60_000, 1],
    [{ kind: "globalAveragePool2d", name: "" }, dense(1), SOFTMAX],
    "at most 4194304 numbers in a layer's output: it has 3600000000",
  ],
  [
    "more classes than 16 bits can number",
    [300, 300, 1],
    [FLATTEN, SOFTMAX],
    "at most 65536 classes: it has 90000",
  ],
  [
    "a kernel larger than its image",
    [4, 4, 1],
    [conv(1, 5), FLATTEN, SOFTMAX],
    "must have an output of at least 1×1",
  ],
];
for (const [what, input, layers, message] of impossible) {
  Deno.test(`a file that declares ${what} is refused before its weights are read`, () => {
    const bytes = architectureOf(input, layers);
    assertThrows(() => decodeDram(bytes), RangeError, message);
  });
}

const beyondSpecs: [string, LayerSpec, string][] = [
  ["more filters", conv(65_537, 1), "at most 65536: one is 65537"],
  ["larger windows", conv(1, 65_537), "at most 65536: one is 65537"],
  [
    "fewer layers in a residual one",
    { kind: "residual", name: "", layers: [], activation: "relu" },
    "must hold layers: one holds none",
  ],
];
for (const [what, layer, message] of beyondSpecs) {
  Deno.test(`a file that declares ${what} than a spec may have is refused`, () => {
    const encoder = new RangeEncoder();
    codeFlag(encoder, 1, false);
    codeInput(encoder, [4, 4, 1]);
    const layers = [layer, FLATTEN, SOFTMAX];
    // It writes the number before it refuses it.
    assertThrows(
      () => codeLayers(encoder, PLAIN_GRAMMARS[2], layers),
      RangeError,
      message,
    );
    const bytes = frameStream(encoder.finish(), 2);
    assertThrows(() => decodeDram(bytes), RangeError, message);
  });
}

/** What passes for `layers`: probabilities and bits. */
function recordLayers(layers: LayerSpec[]): [number, number][] {
  const passed: [number, number][] = [];
  codeLayers(
    {
      code(probability, bit) {
        passed.push([probability, bit]);
        return bit;
      },
    },
    PLAIN_GRAMMARS[1],
    layers,
  );
  return passed;
}

Deno.test("a file that declares more than 64 layers is refused", () => {
  const tail = [FLATTEN, SOFTMAX];
  const two = recordLayers([conv(1, 1), conv(1, 1), ...tail]);
  const one = recordLayers([conv(1, 1), ...tail]);
  const convolution = two.slice(0, two.length - one.length);
  const bytes = fileOf((coder) => {
    codeFlag(coder, 1, false);
    codeInput(coder, [28, 28, 1]);
    for (let layer = 0; layer < 65; layer++) {
      for (const [probability, bit] of convolution) {
        coder.code(probability, bit);
      }
    }
  });
  assertThrows(
    () => decodeDram(bytes),
    RangeError,
    "at most 64 layers, a softmax last: it has more",
  );
});

Deno.test("a file that asks for other preprocessing is refused", () => {
  const bytes = fileOf((coder) => {
    codeFlag(coder, 1, true);
    codeBits(coder, 8, 3);
  });
  assertThrows(
    () => decodeDram(bytes),
    RangeError,
    "inputs must be pixels divided by 255: it asks for preprocessing 3",
  );
});

Deno.test("a pool that asks for a dilation is refused, not read without it", () => {
  // Windows of 2×2 and strides of 1 and 71 on an image of 3×3×2.
  const bytes = Uint8Array.fromHex("d7600f1e0852eade5f0cb8f2254f1c");
  assertThrows(() => decodeDram(bytes), RangeError, "dilation 1: one has 7,1");
});

Deno.test("a symbol that its codebook doesn't have is refused", () => {
  const spec = specOf([1, 1, 1], [FLATTEN, dense(4)]);
  const tensors = weightShapes(spec).map((shape): TensorPlan => ({
    tensor: {
      kind: "codebook",
      shape,
      codebook: Float32Array.of(-1, 0, 1),
      // Two bits say 0 to 3; the codebook ends with 2.
      indices: Uint8Array.of(0, 1, 2, 3),
    },
    header: {
      kind: "codebook",
      bits: 0,
      perChannel: false,
      fractionBits: 10,
    },
    coding: { kind: "fixed" },
  }));
  const bytes = fileOf((coder) => {
    const plan = { spec, labels: [..."0123"], tensors };
    // It writes the symbol before it refuses it.
    assertThrows(
      () => codeModel(coder, { grammar: PLAIN_GRAMMARS[1], plan }),
      SyntaxError,
    );
  });
  assertThrows(
    () => decodeDram(bytes),
    SyntaxError,
    "a symbol must be one of 3: it is number 3",
  );
});

Deno.test("a stream that ends before its model, or goes on behind it, is refused", () => {
  const bytes = smallDram();
  const stream = bytes.subarray(3, -4);
  assertThrows(
    () => decodeDram(frameStream(stream.subarray(0, -6), 1)),
    SyntaxError,
    "its stream ends before its model does",
  );
  assertThrows(
    () => decodeDram(frameStream(Uint8Array.of(...stream, 0, 0, 0, 0, 9), 1)),
    SyntaxError,
    "its stream must end with its model",
  );
});

Deno.test("a file cut short anywhere, or changed in any bit, is refused", () => {
  const bytes = smallDram();
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => decodeDram(bytes.subarray(0, length)), SyntaxError);
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    assertThrows(() => decodeDram(changed), SyntaxError, "Cannot read a .dram");
  }
});

Deno.test("any stream in a right frame is a model, or a clear error", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2),
      fc.uint8Array({ maxLength: 60 }),
      (version, stream) => {
        try {
          const { spec, tensors } = decodeDram(frameStream(stream, version));
          assert(spec.layers.length <= 64);
          assert(tensors.length <= 128);
        } catch (error) {
          const { name, message } = error as Error;
          assert(
            name === "SyntaxError" || name === "RangeError",
            String(error),
          );
          assert(message.startsWith("Cannot "), message);
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("a file at an odd place in a larger buffer is read alike", () => {
  const bytes = smallDram();
  const larger = Uint8Array.of(1, 2, 3, ...bytes, 4);
  assertEquals(
    decodeDram(larger.subarray(3, 3 + bytes.length)),
    decodeDram(bytes),
  );
});
