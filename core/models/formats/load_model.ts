import { loadLayersModel } from "./layers_model/load_layers_model.ts";
import type { LoadedModel } from "./loaded_model.ts";

export type { LoadedModel };

/**
 * Loads a model that was made here or elsewhere. `location` is a path or a URL: of a
 * folder with a tfjs LayersModel, or of its JSON file, `model.json` or of another name; or
 * of a file that Keras saved, `.h5` or `.keras`.
 *
 * Throws what {@linkcode loadLayersModel} throws.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadModel } from "./load_model.ts";
 *
 * await assertRejects(() => loadModel("/no/such/folder"), Deno.errors.NotFound);
 * ```
 */
export async function loadModel(location: string | URL): Promise<LoadedModel> {
  if (/\.(h5|hdf5|keras)$/i.test(`${location}`)) {
    const { loadKeras } = await import("./keras/load_keras.ts");
    return await loadKeras(location);
  }
  return await loadLayersModel(location);
}
