import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  EXPORTERS,
  isExportFormat,
  listExportFormats,
} from "../../../core/export/exporters.ts";
import type { Exporter } from "../../../core/export/exporter.ts";
import {
  type ExportReference,
  prepareReference,
  proveExport,
} from "../../../core/export/prove_export.ts";
import type { EncodedModel } from "../../../core/infer/encoded_tensor.ts";
import { classCount, weightShapes } from "../../../core/models/cost.ts";
import { listLayers } from "../../../core/models/layers/layers.ts";
import { parseLayers } from "../../../core/models/parse_layers.ts";
import type { ModelSpec } from "../../../core/models/spec.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { drawModel } from "../infer/fuzz/draw_model.ts";

/** `RETORT_EXPORT_ONLY=onnx` tests one format. */
const only = Deno.env.get("RETORT_EXPORT_ONLY") ?? "";
const formats = isExportFormat(only) ? [only] : listExportFormats();

/** Pixels of `count` images, half of them black. */
function drawImages(spec: ModelSpec, count: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(count, "images");
  return Uint8Array.from(
    { length: count * spec.input.reduce((a, b) => a * b) },
    () => random.below(2) * random.below(256),
  );
}

async function assertProven(
  model: EncodedModel,
  exporter: Exporter,
  reference: ExportReference,
): Promise<void> {
  const { files } = await exporter.write(model, "model");
  assertEquals(files.map(({ name }) => name), [...exporter.names]);
  const proof = await proveExport(files, exporter, reference);
  if ("absent" in proof) throw new Error(proof.absent);
  assertEquals(proof.images, reference.count);
  // What a compiler says against a header.
  const warnings = proof.notes.filter((note) => /warning/.test(note));
  assertEquals(warnings, []);
}

/** Whether the runtime of `exporter` is at hand. */
async function isAtHand(exporter: Exporter): Promise<boolean> {
  const model = drawModel(randomStream(0, "export"));
  const { files } = await exporter.write(model, "model");
  const [height, width, channels] = model.spec.input;
  const answer = await exporter.ask({
    files,
    input: [height, width, channels],
    classes: classCount(model.spec),
    images: drawImages(model.spec, 1),
  });
  return !("absent" in answer);
}

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

/** `model` with weight `index` of tensor `tensor` a hundredth larger. */
function changeWeight(
  model: EncodedModel,
  tensor: number,
  index: number,
): EncodedModel {
  const tensors = model.tensors.map((each, at) => {
    if (at !== tensor || each.kind !== "float") return each;
    const values = each.values.slice();
    values[index] *= 1.01;
    return { ...each, values };
  });
  return { ...model, tensors };
}

for (const format of formats) {
  const exporter: Exporter = EXPORTERS[format];
  const ignore = !await isAtHand(exporter);

  Deno.test({
    name:
      `${format}: its runtime answers for every small model as on the direct path`,
    ignore,
    async fn() {
      const kinds = new Set<string>();
      for (let seed = 0; seed < 12; seed++) {
        const model = drawModel(randomStream(seed, "export"));
        for (const { kind } of listLayers(model.spec.layers)) kinds.add(kind);
        const images = drawImages(model.spec, 5);
        const reference = await prepareReference(model, images);
        try {
          await assertProven(model, exporter, reference);
        } catch (error) {
          throw new Error(`seed ${seed}: ${JSON.stringify(model.spec)}`, {
            cause: error,
          });
        }
      }
      assertEquals(kinds.size, 9); // All that there are, but dropout.
    },
  });

  Deno.test({
    name: `${format}: one number changed fails the proof`,
    ignore,
    async fn() {
      const model = linearModel();
      const images = drawImages(model.spec, 5);
      const reference = await prepareReference(model, images);
      await assertProven(model, exporter, reference);
      const random = randomStream(3, "changes");
      for (const [tensor, { shape }] of model.tensors.entries()) {
        const index = random.below(shape.reduce((a, b) => a * b));
        const changed = changeWeight(model, tensor, index);
        const { files } = await exporter.write(changed, "model");
        await assertRejects(
          () => proveExport(files, exporter, reference),
          Error,
          "Cannot trust",
          `weight ${index} of tensor ${tensor}`,
        );
      }
    },
  });
}

Deno.test("some noise is asked beside the images", async () => {
  const { noise } = await prepareReference(
    linearModel(),
    drawImages(linearModel().spec, 1),
  );
  assert(noise > 0, String(noise));
});
