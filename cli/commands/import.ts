import { CHANCE_CAUSES, isNearChance } from "../../core/data/chance.ts";
import { consecutiveBatches, gatherImages } from "../../core/data/batches.ts";
import type { Examples } from "../../core/data/dataset.ts";
import { askTfjs } from "../../core/export/ask_tfjs.ts";
import {
  compareOriginal,
  type Original,
  proveOriginal,
} from "../../core/export/prove_original.ts";
import { readRegularFile } from "../../core/files/read_regular_file.ts";
import { unpackPixels } from "../../core/kernels/unpack_pixels/op.ts";
import { buildModel } from "../../core/models/build_model.ts";
import { classCount, countParameters } from "../../core/models/cost.ts";
import type { LoadedModel } from "../../core/models/formats/load_model.ts";
import { readTfjsFiles } from "../../core/models/formats/model_json.ts";
import { formatByName } from "../../core/models/formats/model_file.ts";
import { forward } from "../../core/models/forward.ts";
import {
  type ImportManifest,
  manifestVersions,
} from "../../core/models/manifest.ts";
import { collectArtifacts, saveModel } from "../../core/models/save_model.ts";
import { cleanText } from "../../core/text/clean_text.ts";
import { formatCount } from "../../core/text/format_numbers.ts";
import { ONNX_RUNTIME } from "../../core/runtimes/start_runtime.ts";
import * as tf from "../../core/tf.ts";
import { evaluateModel } from "../../core/train/evaluate_model.ts";
import { toTensor } from "../../core/train/training_state.ts";
import { defineCommand, type Io } from "../command.ts";
import {
  DATA_OPTIONS,
  fitToModel,
  holdTestImages,
  loadData,
} from "../options/data_options.ts";
import { recordedName } from "../options/own_path.ts";
import { READING_OPTIONS } from "../options/reading_options.ts";
import { UsageError } from "../terminal/errors.ts";
import { claimOutput, FORCE_OPTION, modelFiles } from "./claim_output.ts";
import { loadWithReading, startBackend } from "./experiment.ts";
import { isDram } from "./is_dram.ts";

/** Images that are asked about at a time. */
const BATCH = 500;

/** Bytes that an ONNX file may have: what its reader reads. */
const MOST_BYTES = 2 ** 31;

/** Logits `[count, classes]` of `examples`, on the current backend. */
async function computeLogits(
  { spec }: LoadedModel,
  weights: tf.Tensor[],
  examples: Examples,
): Promise<Float32Array<ArrayBuffer>> {
  const classes = classCount(spec);
  const logits = new Float32Array(examples.count * classes);
  for (const batch of consecutiveBatches(examples.count, BATCH)) {
    const answer = tf.tidy(() => {
      const pixels = gatherImages(examples, batch);
      const x = unpackPixels(pixels, [batch.length, ...examples.shape]);
      return forward(spec.layers, weights, x);
    });
    logits.set(await answer.data(), batch[0] * classes);
    answer.dispose();
  }
  return logits;
}

/** The file as its own runtime reads it; `undefined` of one of Keras, which none here runs. */
async function readOriginal(
  file: string,
  io: Pick<Io, "note">,
): Promise<Original | undefined> {
  switch (formatByName(file)) {
    case "onnx":
      io.note(
        `original: asked by ${ONNX_RUNTIME.name} ${ONNX_RUNTIME.version} (33 MB, fetched the first time)`,
      );
      return await readRegularFile(file, { limit: MOST_BYTES });
    case "tfjs-layers-model":
    case null:
      io.note("original: asked by stock tfjs");
      return await readTfjsFiles(file);
    default:
      return undefined;
  }
}

/** The model's file in its own runtime, and what the folder will hold in stock tfjs. */
async function proveModel(
  file: string,
  model: LoadedModel,
  { images, logits }: {
    images: Uint8Array<ArrayBuffer>;
    logits: Float32Array<ArrayBuffer>;
  },
  io: Pick<Io, "note" | "signal">,
): Promise<ImportManifest["proofs"]> {
  const { spec, weights } = model;
  const { signal } = io;
  const proofs: ImportManifest["proofs"] = [];
  const original = await readOriginal(file, io);
  if (original) {
    const proof = await proveOriginal(model, original, { images, logits }, {
      signal,
    });
    if ("absent" in proof) io.note(`original: not asked: ${proof.absent}`);
    else {
      const { runtime, compared, largestDifference } = proof;
      proofs.push({
        of: "original",
        runtime,
        images: proof.images,
        compared,
        largestDifference,
      });
    }
  }
  io.note("folder: asked by stock tfjs");
  const built = buildModel(spec, weights);
  const { json, data } = await collectArtifacts(built)
    .finally(() => built.dispose());
  const [height, width, channels] = spec.input;
  const classes = classCount(spec);
  const answer = await askTfjs({
    files: [
      { name: "weights.bin", content: new Uint8Array(data) },
      { name: "model.json", content: json },
    ],
    input: [height, width, channels],
    classes,
    images,
    signal,
  });
  if ("absent" in answer) io.note(`folder: not asked: ${answer.absent}`);
  else {
    const { runtime } = answer;
    proofs.push({
      of: "folder",
      runtime,
      ...compareOriginal(logits, answer.logits, {
        width: classes,
        asked: runtime,
      }),
    });
  }
  return proofs;
}

export const command = defineCommand({
  name: "import",
  about:
    `Writes a model of another program as a model folder, which every command
takes and stock tfjs loads: a tfjs LayersModel or GraphModel, a file of Keras
(.h5, .keras) or of ONNX. It is proven first, on the test images: the folder in
stock tfjs, and the original in its own runtime, a tfjs model in stock tfjs, an
ONNX file in ONNX Runtime, give each image the class that Retort gives.`,
  examples: [
    "import digits.onnx --pixels 1,0.1307,0.3081 --out models/mine",
    "import model.keras --data my-data --out models/mine",
  ],
  positional: {
    file: {
      kind: "path",
      reads: "file or folder",
      required: true,
      help: "a model folder, or a file of ONNX or Keras",
    },
  },
  options: {
    ...DATA_OPTIONS,
    ...READING_OPTIONS,
    out: {
      kind: "path",
      writes: "folder",
      placeholder: "FOLDER",
      help: "where the model goes",
    },
    ...FORCE_OPTION,
  },
  async run(
    { file, out, force, pixels, bgr, backend: choice, ...values },
    io,
  ) {
    if (out === undefined) {
      throw new UsageError(
        `Cannot import ${file}: --out must name the folder that it goes to`,
      );
    }
    if (await isDram(file)) {
      throw new UsageError(
        `Cannot import ${file}: it must be a model of another program: nothing says that it is; give an ONNX file the ending .onnx, one of Keras .h5 or .keras; a .dram file needs no import`,
      );
    }
    const model = await loadWithReading(file, { pixels, bgr }, io);
    const dataset = fitToModel(model, await loadData(values, io), file);
    using _claim = await claimOutput({
      command: "import",
      at: { folder: out },
      makes: modelFiles(out),
      force,
    });
    await startBackend(choice, io, { tune: false });
    const { spec } = model;
    const weights = model.weights.map(toTensor);
    const examples = dataset.test;
    const { score: test } = await evaluateModel(spec, weights, { examples });
    const proven = holdTestImages(dataset, io);
    const logits = await computeLogits(model, weights, proven);
    tf.dispose(weights);
    const { labels, count } = examples;
    if (isNearChance(test.accuracy, { labels, classes: dataset.classes })) {
      io.note(
        `Warning: ${file} is no better than chance on these images; ${CHANCE_CAUSES}`,
      );
    }
    const images = new Uint8Array(proven.images);
    const proofs = await proveModel(file, model, { images, logits }, io);
    io.signal.throwIfAborted();
    const manifest: ImportManifest = {
      spec,
      imported: {
        file: recordedName(file),
        format: model.format ?? formatByName(file) ?? "tfjs-layers-model",
        sha256: model.sha256,
        ...model.reads && { pixels: model.reads },
        ...model.bgr && { bgr: model.bgr },
        ...model.ends && { ends: model.ends },
      },
      dataset: { name: dataset.name, sha256: dataset.sha256 },
      scores: { test },
      proofs,
      ...manifestVersions(),
    };
    await saveModel(out, model.weights, manifest);
    io.print(
      `${cleanText(spec.name)}: ${
        formatCount(countParameters(spec))
      } parameters, test ${test.accuracy.toFixed(4)}, written to ${
        cleanText(out)
      }`,
    );
    for (const { of, runtime, compared, largestDifference } of proofs) {
      io.print(
        `proven: the ${of} in ${runtime} gives the same class on each of ${
          formatCount(count)
        } test images of ${
          cleanText(dataset.name)
        }; largest difference of ${compared} ${
          largestDifference.toExponential(1)
        }`,
      );
    }
    io.printJson({ out, ...manifest });
  },
});
