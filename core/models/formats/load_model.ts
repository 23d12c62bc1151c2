import {
  type BlackBox,
  type BoxFormat,
  type BoxOptions,
  type DescribedBox,
  probeBox,
} from "./black_box.ts";
import { loadLayersModel } from "./layers_model/load_layers_model.ts";
import type { LoadedModel } from "./loaded_model.ts";
import { openModelJson } from "./model_json.ts";
import { formatByName } from "./model_file.ts";
import type { Ending, OutputKind } from "./output_kind.ts";
import type { RuntimeFile } from "../../runtimes/serve_runtime.ts";
import type { PixelScale } from "./pixel_scale.ts";
import type { Teacher } from "./teacher.ts";
import { turnBox, turnChannels } from "./turn_channels.ts";

export type {
  BlackBox,
  BoxFormat,
  BoxOptions,
  DescribedBox,
  Ending,
  LoadedModel,
  OutputKind,
  PixelScale,
  RuntimeFile,
  Teacher,
};

/** What is told of a model's pixels, where it doesn't say it itself. */
export interface ModelReading {
  /** What pixels it was made to read. */
  pixels?: PixelScale;
  /** Whether it reads the last channel first: blue, green, red. */
  bgr?: boolean;
}

/** What exports a network to ONNX, `model` being it, as four lines of Python, or one. */
const EXPORT = [
  "import torch",
  "model.eval()",
  "images = torch.zeros(1, 1, 28, 28)",
  'torch.onnx.export(model, images, "model.onnx")',
].join("; ");

/**
 * Loads a model that was made here or elsewhere, as a row of layers. `location` is a path
 * or a URL: of an ONNX file, of a folder with a tfjs LayersModel or GraphModel, or of
 * its JSON file, `model.json` or of another name; or of a file that Keras saved, `.h5` or
 * `.keras`.
 * `reading` says what pixels the model was made to read, where it doesn't say it itself:
 * one with a manifest of ours reads them divided by 255, red first.
 *
 * Throws what {@linkcode loadLayersModel} throws.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadModel } from "./load_model.ts";
 *
 * await assertRejects(() => loadModel("/no/such/folder"), Deno.errors.NotFound);
 * await assertRejects(() => loadModel("digits.pt"), TypeError, "torch.onnx.export");
 * ```
 */
export async function loadModel(
  location: string | URL,
  { pixels, bgr }: ModelReading = {},
): Promise<LoadedModel> {
  const model = await loadRow(location, { pixels });
  return bgr && !model.manifest
    ? await turnChannels(model, `${location}`)
    : model;
}

/** The row of layers at `location`, which reads red first. */
async function loadRow(
  location: string | URL,
  reading: { pixels?: PixelScale },
): Promise<LoadedModel> {
  switch (formatByName(`${location}`)) {
    case "pytorch":
      throw new TypeError(
        `Cannot load ${location}: it must be exported to ONNX, as what PyTorch saves is code: in Python, for images of 1 channel, 28×28, say ${EXPORT}; then name model.onnx`,
      );
    case "onnx": {
      const { loadOnnx } = await import("./onnx/load_onnx.ts");
      return await loadOnnx(location, reading);
    }
    case "keras": {
      const { loadKeras } = await import("./keras/load_keras.ts");
      return await loadKeras(location, reading);
    }
    default: {
      const json = await openModelJson(location);
      if (json.description.format !== "graph-model") {
        return await loadLayersModel(json, reading);
      }
      const { loadGraphModel } = await import(
        "./graph_model/load_graph_model.ts"
      );
      return await loadGraphModel(json, reading);
    }
  }
}

/** The model at `location`, whatever it is, which reads red first. */
async function describeAny(
  location: string | URL,
  reading: { pixels?: PixelScale },
): Promise<LoadedModel | DescribedBox> {
  switch (formatByName(`${location}`)) {
    case "onnx": {
      const { describeOnnx } = await import("./onnx/load_onnx.ts");
      return await describeOnnx(location, reading);
    }
    case "tfjs-layers-model":
    case null: {
      const json = await openModelJson(location);
      if (json.description.format !== "graph-model") {
        return await loadLayersModel(json, reading);
      }
      const { describeGraphModel } = await import(
        "./graph_model/load_graph_model.ts"
      );
      return await describeGraphModel(json, reading);
    }
    default:
      return await loadRow(location, reading);
  }
}

/**
 * Loads a model as {@linkcode loadModel} does, or, where it is no row of layers but reads
 * images and gives a number a class, says what is known of it as a black box, without
 * running it. Throws what `loadModel` throws where it is neither.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { describeModel } from "./load_model.ts";
 *
 * await assertRejects(() => describeModel("/no/such.onnx"), Deno.errors.NotFound);
 * ```
 */
export async function describeModel(
  location: string | URL,
  { pixels, bgr }: ModelReading = {},
): Promise<LoadedModel | DescribedBox> {
  const model = await describeAny(location, { pixels });
  if (!bgr || (model.kind === "row" && model.manifest)) return model;
  return model.kind === "row"
    ? await turnChannels(model, `${location}`)
    : await turnBox(model);
}

/**
 * Loads what logits may be learnt from: a row of layers, or a black box, which its own
 * runtime is asked what its answers are, unless the file says it.
 *
 * Throws what {@linkcode describeModel} throws, and an `Error` where a black box can't be
 * run.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeBarsFolder } from "../../../tests/core/bars.ts";
 * import { loadTeacher } from "./load_model.ts";
 *
 * const teacher = await loadTeacher(await makeBarsFolder());
 * assertEquals(teacher.kind, "row");
 * ```
 */
export async function loadTeacher(
  location: string | URL,
  reading: ModelReading = {},
  options: BoxOptions = {},
): Promise<Teacher> {
  const model = await describeModel(location, reading);
  return model.kind === "row" ? model : await probeBox(model, options);
}
