import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeDram } from "../../../../core/compress/code/encode_dram.ts";
import { decodeDram } from "../../../../core/infer/decode_dram.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../../../core/infer/encoded_tensor.ts";
import { entropy } from "../../../../core/infer/inspect_dram.ts";
import type { LayerSpec } from "../../../../core/models/spec.ts";
import { weightShapes } from "../../../../core/models/cost.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { unframeStream } from "../../../../core/infer/dram_frame.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { fc } from "../../../seeded_check.ts";
import { drawModel, drawTensor } from "../../infer/fuzz/draw_model.ts";
import { makeUpLevels } from "./made_up_levels.ts";

const models = fc.nat().map((seed) => drawModel(randomStream(seed, "model")));

/** A layer without its name, and with what the spec may leave unsaid. */
function essence(layer: LayerSpec): Record<string, unknown> {
  const convolves = layer.kind === "conv2d" || layer.kind === "depthwiseConv2d";
  const pools = layer.kind === "maxPool2d" || layer.kind === "averagePool2d";
  return {
    ...(convolves && { stride: 1, padding: "valid", dilation: 1 }),
    ...(pools && { stride: layer.size, padding: "valid" }),
    ...(layer.kind === "depthwiseConv2d" && { multiplier: 1 }),
    ...layer,
    ...(layer.kind === "residual" && { layers: layer.layers.map(essence) }),
    name: "",
  };
}

Deno.test("any model comes back from its file: layers, labels, and every weight bit for bit", () => {
  fc.assert(
    fc.property(models, (model) => {
      const { spec, labels, tensors } = decodeDram(encodeDram(model));
      assertEquals(labels, model.labels);
      assertEquals(spec.input, model.spec.input);
      assertEquals(spec.layers.map(essence), model.spec.layers.map(essence));
      assertEquals(
        tensors.map(decodeTensor),
        model.tensors.map(decodeTensor),
      );
    }),
    { numRuns: 100 },
  );
});

Deno.test("what comes back from a file gives the same file", () => {
  fc.assert(
    fc.property(models, (model) => {
      const bytes = encodeDram(model);
      assertEquals(encodeDram(decodeDram(bytes)), bytes);
      assertEquals(encodeDram(model), bytes);
    }),
    { numRuns: 50 },
  );
});

/** A dense model `[side·side] → 10` whose kernel is `kernel`. */
function denseModel(
  side: number,
  kernel: EncodedTensor,
  change: Partial<EncodedModel> = {},
): EncodedModel {
  return {
    spec: {
      name: "dense",
      input: [side, side, 1],
      layers: [
        { kind: "flatten", name: "flatten" },
        { kind: "dense", name: "dense", units: 10, activation: "linear" },
        { kind: "softmax", name: "softmax" },
      ],
    },
    labels: [..."0123456789"],
    tensors: [kernel, {
      kind: "uniform",
      shape: [10],
      bits: 2,
      scale: Float32Array.of(0.5),
      levels: new Int8Array(10),
    }],
    ...change,
  };
}

function uniform(levels: Int8Array<ArrayBuffer>, bits: number): EncodedTensor {
  const shape = [levels.length / 10, 10];
  return { kind: "uniform", shape, bits, scale: Float32Array.of(0.25), levels };
}

Deno.test("a file of 7,850 weights is at most 1% and 20 bytes over their entropy", () => {
  const levels = Int8Array.from(makeUpLevels(3, 7840, {
    shape: "gaussian",
    bits: 4,
    spread: 2,
  }));
  const bytes = encodeDram(denseModel(28, uniform(levels, 4))).length;
  const bound = entropy(levels) * levels.length / 8;
  assert(bytes < bound * 1.01 + 20, `${bytes} bytes: the bound is ${bound}`);
});

for (
  const [text, version] of [
    ["conv3x4:linear,mean,dense5", 1],
    ["conv3x4,res(conv3x4:same)", 2],
    ["conv3x4:leaky", 3],
    ["dense5:leaky", 3],
    ["conv3x4,res(conv3x4:same):leaky", 3],
    ["conv3x4,res(res(depth3:same:leaky))", 3],
  ] as const
) {
  Deno.test(`a file of ${text} is of version ${version}, the lowest that can say it`, () => {
    const spec = parseLayers(text);
    const random = randomStream(1, text);
    const bytes = encodeDram({
      spec,
      labels: [..."0123456789"],
      tensors: weightShapes(spec).map((shape) => drawTensor(random, shape)),
    });
    assertEquals(unframeStream(bytes).version, version);
  });
}

Deno.test("the smallest model's file has 14 bytes", () => {
  const levels = new Int8Array(10);
  const bytes = encodeDram(denseModel(1, uniform(levels, 2)));
  assertEquals(bytes.length, 14);
});

Deno.test("labels other than digits are kept, at their length and some bits", () => {
  const kernel = uniform(new Int8Array(10), 2);
  const labels = [..."abcdefghi", "Größe 10 ✓"];
  const bytes = encodeDram(denseModel(1, kernel, { labels }));
  assertEquals(decodeDram(bytes).labels, labels);
  const plain = encodeDram(denseModel(1, kernel));
  assert(bytes.length - plain.length <= 9 + 14 + 6);
});

const good = uniform(new Int8Array(10), 2);
const wrong: [string, EncodedModel, string][] = [
  [
    "a scale that is no float16",
    denseModel(1, { ...good, scale: Float32Array.of(0.1) } as EncodedTensor),
    "scales must be finite float16s: current value is 0.10000000149011612: round with roundToHalf first",
  ],
  [
    "a scale of 0",
    denseModel(1, { ...good, scale: Float32Array.of(0) } as EncodedTensor),
    "scales must be finite and above 0",
  ],
  [
    "a negative scale",
    denseModel(1, { ...good, scale: Float32Array.of(-0.5) } as EncodedTensor),
    "scales must be finite and above 0: current value is -0.5",
  ],
  [
    "a level beyond its bits",
    denseModel(1, uniform(new Int8Array(10).fill(2), 2)),
    "levels of 2 bits must be from -2 to 1: current value is 2",
  ],
  [
    "a level of 1 bit that is 0",
    denseModel(1, uniform(new Int8Array(10), 1)),
    "levels of 1 bits must be −1 or 1: current value is 0",
  ],
  [
    "an index beyond its codebook",
    denseModel(1, {
      kind: "codebook",
      shape: [1, 10],
      codebook: Float32Array.of(1),
      indices: new Uint8Array(10).fill(1),
    }),
    "indices must be below 1: current value is 1",
  ],
  [
    "a tensor of another shape",
    denseModel(2, good),
    "tensors must have shapes 4,10; 10: current value is 1,10; 10",
  ],
  [
    "too few labels",
    denseModel(1, good, { labels: ["0"] }),
    "it must hold 10 labels: current value is 1",
  ],
  [
    "weights that are not finite",
    denseModel(1, {
      kind: "float",
      shape: [1, 10],
      bits: 32,
      values: new Float32Array(10).fill(NaN),
    }),
    "its weights must be finite: one is NaN",
  ],
  [
    "a scale for each of other channels",
    denseModel(1, { ...good, scale: new Float32Array(2e6) } as EncodedTensor),
    "shape 1×10 must have 1 or 10 scales: current value is 2000000",
  ],
  [
    "a label that UTF-8 can't hold",
    denseModel(1, good, { labels: [..."123456789", "\ud800"] }),
    'labels must be well-formed Unicode: current value is "\\ud800"',
  ],
  [
    "a label that is too long",
    denseModel(1, good, { labels: [..."123456789", "x".repeat(256)] }),
    "a label must have at most 255 bytes: one has 256",
  ],
];
for (const [what, model, message] of wrong) {
  Deno.test(`${what} is refused`, () => {
    assertThrows(() => encodeDram(model), RangeError, message);
  });
}

Deno.test("a model with dropout is refused", () => {
  const { spec, ...rest } = denseModel(1, good);
  const dropout: LayerSpec = { kind: "dropout", name: "drop", rate: 0.5 };
  const layers = [dropout, ...spec.layers];
  assertThrows(
    () => encodeDram({ ...rest, spec: { ...spec, layers } }),
    RangeError,
    "it must hold no dropout layer: current value is drop: leave it out",
  );
});
