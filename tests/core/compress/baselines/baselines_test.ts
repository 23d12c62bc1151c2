import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { measureBaselines } from "../../../../core/compress/baselines/measure_baselines.ts";
import { quantiseAffine } from "../../../../core/compress/baselines/quantise_affine.ts";
import { selectBackend } from "../../../../core/device/select_backend.ts";
import type { EncodedModel } from "../../../../core/infer/encoded_tensor.ts";
import { decodeTensor } from "../../../../core/infer/decode_tensor.ts";
import { loadEncoded, prepareDirect } from "../../../../core/infer/load.ts";
import { countParameters, weightShapes } from "../../../../core/models/cost.ts";
import { parseLayers } from "../../../../core/models/parse_layers.ts";
import { randomStream } from "../../../../core/random/stream.ts";
import { fc } from "../../../seeded_check.ts";
import { serveFolder } from "../../models/serve_folder.ts";
import { tinyDigits } from "../../train/tiny_digits.ts";

/** Every kind of layer that compact models have, with weights of 4 bits. */
function makeModel(): EncodedModel {
  const spec = parseLayers("conv3x4/2:same,depth3,conv1x6,max2,dense12", {
    input: [14, 14, 1],
  });
  const random = randomStream(3);
  const tensors = weightShapes(spec).map((shape) => {
    const count = shape.reduce((a, b) => a * b);
    return {
      ...{ kind: "uniform" as const, shape, bits: 4 },
      scale: Float32Array.of(1 / 16),
      levels: Int8Array.from({ length: count }, () => random.below(16) - 8),
    };
  });
  return { spec, labels: [..."0123456789"], tensors };
}

await selectBackend("cpu");
const model = makeModel();
const digits = tinyDigits(0, 60);
const baselines = await measureBaselines(model, digits);

Deno.test("a baseline's bytes are those of model.json and of each weight in its precision", () => {
  const parameters = countParameters(model.spec);
  assertEquals(
    baselines.map(({ precision, weights }) => [precision, weights]),
    [
      ["float32", 4 * parameters],
      ["float16", 2 * parameters],
      ["uint8", parameters],
    ],
  );
  for (const { bytes, json, weights, gzipped, files } of baselines) {
    assertEquals([bytes, json], [json + weights, files.json.length]);
    const parts = [files.json, files.data].map((each) =>
      gzipSync(each, { level: 9 })
    );
    assertEquals(gzipped, parts[0].length + parts[1].length);
    assertEquals(gunzipSync(parts[0]).toString(), files.json);
  }
});

Deno.test("float32 and float16 hold weights of few bits exactly, so they score as the model does", () => {
  const { classes } = loadEncoded(model).classify(digits.images);
  const hits = classes.filter((each, image) => each === digits.labels[image]);
  for (const { accuracy } of baselines.slice(0, 2)) {
    assertEquals(accuracy, hits.length / digits.count);
  }
  for (const { files } of baselines.slice(0, 2)) {
    assertEquals(files.weights, model.tensors.map(decodeTensor));
  }
});

Deno.test("stock tfjs, with none of our code, loads every baseline to the same weights and answers", async () => {
  const folder = await Deno.makeTempDir();
  for (const { precision, files } of baselines) {
    await Deno.mkdir(`${folder}/${precision}`);
    await Deno.writeTextFile(`${folder}/${precision}/model.json`, files.json);
    await Deno.writeFile(`${folder}/${precision}/weights.bin`, files.data);
  }
  await using server = serveFolder(folder);
  const shape = [5, 14, 14, 1];
  const pixels = digits.images.slice(0, 5 * 196);
  const x = Array.from(pixels, (pixel) => pixel / 255);
  const fixture = new URL("stock_loader.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixture, JSON.stringify(shape), JSON.stringify(x)]
      .concat(
        baselines.map(({ precision }) =>
          `${server.url}/${precision}/model.json`
        ),
      ),
    cwd: new URL("../../../../", import.meta.url),
  }).output();
  const output = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ??
    "";
  assert(output.startsWith("["), new TextDecoder().decode(stderr));
  JSON.parse(output).forEach((
    stock: { probabilities: number[]; weights: number[][] },
    index: number,
  ) => {
    const { weights } = baselines[index].files;
    assertEquals(stock.weights, weights.map(({ values }) => [...values]));
    const own = prepareDirect(model.spec, weights, model.labels)
      .classify(pixels).probabilities;
    own.forEach((value, i) =>
      assertAlmostEquals(stock.probabilities[i], value, 1e-5)
    );
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("quantiseAffine is off by half a step at the most, and holds 0 exactly", () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 1, noNaN: true, min: -8, max: 8 }),
      (values) => {
        const { bytes, min, scale } = quantiseAffine(values);
        values.forEach((value, i) => {
          const error = Math.abs(bytes[i] * scale + min - value);
          assert(error <= scale * 0.501, `${value}: ${error} of ${scale}`);
          if (value === 0) assertEquals(bytes[i] * scale + min, 0);
        });
      },
    ),
  );
});
