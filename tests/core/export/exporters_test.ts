import { assert, assertEquals, assertRejects } from "@std/assert";
import { compareAnswers } from "../../../core/compress/compare_answers.ts";
import {
  EXPORTERS,
  isExportFormat,
  listExportFormats,
} from "../../../core/export/exporters.ts";
import { listExportedLayers } from "../../../core/export/exported_layers.ts";
import { packTensor } from "../../../core/export/pack_tensor.ts";
import type {
  Exporter,
  RuntimeQuestion,
} from "../../../core/export/exporter.ts";
import {
  type ExportReference,
  prepareReference,
  proveExport,
} from "../../../core/export/prove_export.ts";
import { channelCount } from "../../../core/infer/channel_count.ts";
import type {
  EncodedModel,
  EncodedTensor,
} from "../../../core/infer/encoded_tensor.ts";
import { classCount, weightShapes } from "../../../core/models/cost.ts";
import { ACTIVATIONS } from "../../../core/models/layers/activation.ts";
import { LAYER_FORMS } from "../../../core/models/layers/layer_forms.ts";
import { listLayers } from "../../../core/models/layers/layers.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import type { LayerSpec, ModelSpec } from "../../../core/models/spec.ts";
import { isNeverNegative } from "../../../core/models/layers/is_never_negative.ts";
import { randomStream } from "../../../core/random/stream.ts";
import type { Xoshiro128 } from "../../../core/random/xoshiro128.ts";
import { drawModel, drawTensor } from "../infer/fuzz/draw_model.ts";
import { askRuntime } from "./ask_runtimes.ts";

/** `RETORT_EXPORT_ONLY=onnx` tests one format, `RETORT_EXPORT_DRAWN=100` so many random models. */
const only = Deno.env.get("RETORT_EXPORT_ONLY") ?? "";
const formats = isExportFormat(only) ? [only] : listExportFormats();
const drawn = Number(Deno.env.get("RETORT_EXPORT_DRAWN") ?? 2);

/** Every kind of layer, of activation and of windows. */
const ROWS = [
  "conv5x3x4/2x1:same:leaky0.2,max3/2:same,conv3x3/4:same,most",
  "conv3x4:pad1x0x2x1:elu,depth3x2*2:dil2x1:sigmoid,pool3/2:same,mean,dense6:tanh",
  "conv3x4:same:relu6,max3/2:pad1x0x1x1,res(conv3x4:same:leaky,conv1x4):linear,dense5:swish",
  "depth2/2:linear,conv3x4:dil1x2:swish,res(res(conv1x4):tanh,conv3x4:pad1x1x1x1:sigmoid):elu,pool2x1,dense4:relu6",
  "pool2,conv2x3:same:tanh,max3x2/1,dense3:elu,dense3:leaky",
  "pool3,flatten,res(dense24:leaky):elu,dense7",
  // Stock tfjs would count zeros around these pools.
  "max3/2:pad1x1x1x0,conv3x3:linear,pool3x2/2:pad1x0x1x1,mean,dense4:sigmoid",
];

/** Kernels large enough that their zeros are left out: of a convolution that is pooled, of others, of rows. */
const PRUNED = [
  "conv5x24:same,max3,dense60",
  "conv3x20/2:pad1x0x1x1:leaky,depth3*6:same,conv3x16:dil2,mean,dense30",
];

/** `tensor` with one weight in ten left, in the coding `kind`. */
function prune(
  random: Xoshiro128,
  shape: number[],
  kind: "uniform" | "codebook",
): EncodedTensor {
  const length = shape.reduce((a, b) => a * b);
  const draw = () => random.below(10) === 0 ? 1 + random.below(15) : 0;
  if (kind === "codebook") {
    const codebook = Float32Array.from({ length: 16 }, (_, i) => i / 16);
    for (let i = 1; i < 16; i += 2) codebook[i] *= -1;
    return {
      kind,
      shape,
      codebook,
      indices: Uint8Array.from({ length }, draw),
    };
  }
  const scale = Float32Array.from(
    { length: random.below(2) === 0 ? 1 : channelCount(shape) },
    () => 2 ** -random.below(6),
  );
  const levels = Int8Array.from({ length }, () => {
    const drawn = draw();
    return drawn % 2 === 0 ? drawn : -drawn;
  });
  return { kind, shape, bits: 5, scale, levels };
}

/** Pixels of `count` images, half of them black. */
function drawImages(spec: ModelSpec, count: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(count, "images");
  return Uint8Array.from(
    { length: count * spec.input.reduce((a, b) => a * b) },
    () => random.below(2) * random.below(256),
  );
}

/** Whether zeros lie around a pool that they would change. */
function isFramedPool(
  layer: LayerSpec,
  place: number,
  layers: readonly LayerSpec[],
): boolean {
  return (layer.kind === "maxPool2d" || layer.kind === "averagePool2d") &&
    typeof layer.padding === "object" &&
    (layer.kind === "averagePool2d" ||
      !isNeverNegative(layers.slice(0, place)));
}

/** Small models of {@linkcode ROWS}, and some random ones, with what the direct path says. */
async function makeReferences(): Promise<ExportReference[]> {
  const makeModel = (
    text: string,
    draw: (shape: number[]) => EncodedTensor,
  ): EncodedModel => {
    const spec = parseLayers(text, { input: [13, 11, 2], classes: 5 });
    const labels = ["a", "b", 'c "</script>', "дж", "e\\"];
    return { spec, labels, tensors: weightShapes(spec).map(draw) };
  };
  const rows = ROWS.map((text, index) => {
    const random = randomStream(index, "export rows");
    return makeModel(text, (shape) => drawTensor(random, shape));
  });
  const pruned = PRUNED.flatMap((text, index) =>
    (["uniform", "codebook"] as const).map((kind) => {
      const random = randomStream(index, "pruned");
      return makeModel(text, (shape) => prune(random, shape, kind));
    })
  );
  const others = Array.from(
    { length: drawn },
    (_, seed) => drawModel(randomStream(seed, "export")),
  );
  return await Promise.all(
    [...rows, ...pruned, ...others].map((model) =>
      prepareReference(model, drawImages(model.spec, 5))
    ),
  );
}

const references = await makeReferences();

Deno.test("the models have layers and activations of every kind", () => {
  const layers = references
    .flatMap(({ model }) => listLayers(model.spec.layers));
  assertEquals(
    new Set(layers.map(({ kind }) => kind)),
    // A file has no dropout.
    new Set(Object.keys(LAYER_FORMS).filter((kind) => kind !== "dropout")),
  );
  assertEquals(
    new Set(
      layers.flatMap((layer) =>
        "activation" in layer ? [layer.activation] : []
      ),
    ),
    new Set(ACTIVATIONS),
  );
});

Deno.test("the models have pruned kernels of every kind", () => {
  const pruned = references
    .flatMap(({ model }) => listExportedLayers(model))
    .filter(({ weights, output }) => {
      const packed = weights && packTensor(weights.kernel, output.at(-1) ?? 1);
      return packed && "gaps" in packed && packed.gaps;
    });
  assertEquals(
    new Set(pruned.map(({ layer }) => layer.kind)),
    new Set(["conv2d", "depthwiseConv2d", "dense"] as const),
  );
});

/** A model in which every weight changes the logits of any noise. */
function linearModel(): EncodedModel {
  const spec = parseLayers("conv3x2:linear,depth2:linear,dense3:linear", {
    input: [6, 6, 2],
    classes: 3,
  });
  const random = randomStream(7, "linear");
  return {
    spec,
    labels: ["a", "b", "c"],
    tensors: weightShapes(spec).map((shape) => ({
      kind: "float",
      shape,
      bits: 32,
      values: Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        () => 0.5 + random.uniform(),
      ),
    })),
  };
}

/** `model` with the last bias a hundredth larger. */
function changeWeight(model: EncodedModel): EncodedModel {
  const tensors = model.tensors.map((each, at, { length }) => {
    if (at < length - 1 || each.kind !== "float") return each;
    const values = each.values.slice();
    values[0] *= 1.01;
    return { ...each, values };
  });
  return { ...model, tensors };
}

for (const format of formats) {
  const exporter: Exporter = EXPORTERS[format];

  Deno.test(`${format}: its runtime answers as the direct path does`, async (t) => {
    const model = linearModel();
    const reference = await prepareReference(model, drawImages(model.spec, 5));
    const { files } = await exporter.write(changeWeight(model), "model");
    let absent: string | undefined;
    const proving = proveExport(files, exporter, reference).then((found) => {
      if ("absent" in found) absent = found.absent;
    });
    await proving.catch(() => {});
    const ignore = absent !== undefined;
    const why = absent === undefined ? "" : ` (${absent})`;

    await t.step({
      name: `one number changed fails the proof${why}`,
      ignore,
      fn: async () => {
        await assertRejects(() => proving, Error, "Cannot trust");
      },
    });

    await t.step({
      name: `small models of every kind${why}`,
      ignore,
      async fn() {
        const asked: { reference: ExportReference; text: string }[] = [];
        const questions: RuntimeQuestion[] = [];
        // A page has the module's own classifier: one is enough.
        const asking = format === "html" ? references.slice(0, 1) : references;
        for (const reference of asking) {
          const { model, images } = reference;
          const { spec } = model;
          const text = JSON.stringify(spec);
          if (format === "tfjs" && spec.layers.some(isFramedPool)) {
            await assertRejects(
              async () => await exporter.write(model, "model"),
              RangeError,
              "a pool there must have padding",
            );
            continue;
          }
          const { files } = await exporter.write(model, "model");
          assertEquals(files.map(({ name }) => name), [...exporter.names]);
          const [height, width, channels] = spec.input;
          const input = [height, width, channels] as const;
          const classes = classCount(spec);
          questions.push({ files, input, classes, images });
          asked.push({ reference, text });
        }
        const answers = await askRuntime(format, questions);
        for (const [index, { reference, text }] of asked.entries()) {
          const { logits, bounds } = reference;
          const { classes: width } = questions[index];
          compareAnswers({ logits, bounds, width }, answers[index], text);
        }
      },
    });
  });
}

Deno.test("some noise is asked beside the images", () => {
  const asked = references.reduce((sum, { noise }) => sum + noise, 0);
  assert(asked > 8 * references.length, String(asked));
});
