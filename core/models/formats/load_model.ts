import { loadLayersModel } from "./layers_model/load_layers_model.ts";
import type { LoadedModel } from "./loaded_model.ts";
import { openModelJson } from "./model_json.ts";
import { formatByName } from "./model_file.ts";
import type { PixelScale } from "./pixel_scale.ts";

export type { LoadedModel, PixelScale };

/** What exports a network to ONNX, `model` being it, as four lines of Python, or one. */
const EXPORT = [
  "import torch",
  "model.eval()",
  "images = torch.zeros(1, 1, 28, 28)",
  'torch.onnx.export(model, images, "model.onnx")',
].join("; ");

/**
 * Loads a model that was made here or elsewhere. `location` is a path or a URL: of an ONNX
 * file, of a folder with a tfjs LayersModel or GraphModel, or of its JSON file, `model.json`
 * or of another name; or of a file that Keras saved, `.h5` or `.keras`. `pixels` says what pixels
 * the model was made to read, where it doesn't say it itself: one with a manifest of ours
 * reads them divided by 255.
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
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  switch (formatByName(`${location}`)) {
    case "pytorch":
      throw new TypeError(
        `Cannot load ${location}: it must be exported to ONNX, as what PyTorch saves is code: in Python, for images of 1 channel, 28×28, say ${EXPORT}; then name model.onnx`,
      );
    case "onnx": {
      const { loadOnnx } = await import("./onnx/load_onnx.ts");
      return await loadOnnx(location, { pixels });
    }
    case "keras": {
      const { loadKeras } = await import("./keras/load_keras.ts");
      return await loadKeras(location, { pixels });
    }
    default: {
      const model = await openModelJson(location);
      if (model.description.format === "graph-model") {
        const { loadGraphModel } = await import(
          "./graph_model/load_graph_model.ts"
        );
        return await loadGraphModel(model, { pixels });
      }
      return await loadLayersModel(model, { pixels });
    }
  }
}
