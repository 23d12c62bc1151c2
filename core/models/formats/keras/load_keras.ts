import { fileURLToPath } from "node:url";
import { listMembers, unpack } from "../../../data/formats/npz.ts";
import { parseJsonObject } from "../../../files/json.ts";
import { readRegularFile } from "../../../files/read_regular_file.ts";
import { checkFinite, type FloatArray } from "../../../files/safetensors.ts";
import { product } from "../../layers/layer.ts";
import { listSteps, matchWeights } from "../layers_model/match_weights.ts";
import { lowerSaved } from "../layers_model/load_layers_model.ts";
import { parseTopology } from "../layers_model/parse_topology.ts";
import type { SavedStep } from "../layers_model/saved_layer.ts";
import { hashModel, type LoadedModel } from "../loaded_model.ts";
import type { PixelScale } from "../pixel_scale.ts";
import type { DeclaredWeight } from "../stored_weights.ts";
import { orderVariables, placeLayers } from "./place_weights.ts";
import { readHdf5 } from "./read_hdf5.ts";

/** Bytes that a file may have: larger weights fit no array. */
const MOST_BYTES = 2 ** 30;
/** Bytes that the layers' description may have. */
const MOST_JSON_BYTES = 2 ** 24;

/** What a file says: the layers, and numbers by their paths in it. */
interface KerasFile {
  topology: unknown;
  arrays: Record<string, FloatArray>;
  /** What the numbers are, of layers that are known by now. */
  name(steps: readonly SavedStep[]): NamedArray[];
}

/** Numbers, as weights of a layer are called. */
interface NamedArray {
  name: string;
  path: string;
}

function refuse(source: string, rule: string): never {
  throw new SyntaxError(`Cannot load ${source}: ${rule}`);
}

/** What an `.h5` file says, as Keras 1 to 3 write it: weights lie in a group of their layer's name. */
async function readH5(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<KerasFile> {
  const { attributes, arrays } = await readHdf5(bytes, {
    group: "model_weights",
    source,
  });
  const { model_config, keras_version, backend } = attributes;
  if (model_config === undefined || arrays === null) {
    refuse(
      source,
      "it must hold a whole model: it holds no model_config, or no model_weights; save the model with model.save, not its weights alone",
    );
  }
  return {
    topology: {
      model_config: parseJsonObject(model_config, source),
      keras_version,
      backend,
    },
    arrays,
    name(steps) {
      const layers = new Set(steps.map(({ name }) => name));
      return Object.keys(arrays).map((path) => {
        const [layer, ...rest] = path.split("/");
        // A model within the model has the weights of its layers, by their names.
        const name = layers.has(layer)
          ? `${layer}/${rest.at(-1)}`
          : rest.join("/");
        return { name, path };
      });
    },
  };
}

/** What TensorFlow 2.12 to 2.15 calls `layers` in a `.keras` file, those within models too. */
const OLDER_LAYERS = "_layer_checkpoint_dependencies";

/** The numbers of a `.keras` file's weights, by their paths among its layers. */
async function readArrays(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<Record<string, FloatArray>> {
  const { arrays } = await readHdf5(bytes, { group: "layers", source });
  if (arrays) return arrays;
  const older = await readHdf5(bytes, { group: OLDER_LAYERS, source });
  const entries = Object.entries(older.arrays ?? {}).map(([path, array]) =>
    [path.replaceAll(`${OLDER_LAYERS}/`, "layers/"), array] as const
  );
  return older.arrays ? Object.fromEntries(entries) : refuse(
    source,
    "its weights must lie in layers: there are none; save the model again, by Keras 3",
  );
}

/** What a `.keras` file says, as Keras 3 writes it: weights are numbered, in groups by class. */
async function readKeras(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<KerasFile> {
  const members = listMembers(bytes, source);
  const read = (wanted: string, most: number) => {
    const member = members.find(({ name }) => name === wanted);
    if (member && member.size <= most) {
      return unpack(bytes, member, source);
    }
    return refuse(
      source,
      `it must hold ${wanted} of at most ${most} bytes; save the model again with model.save, by Keras 3`,
    );
  };
  const config = parseJsonObject(
    new TextDecoder().decode(read("config.json", MOST_JSON_BYTES)),
    source,
  );
  const weights = read("model.weights.h5", MOST_BYTES);
  const found = await readArrays(weights, source);
  const places = placeLayers(config.config);
  return {
    topology: config,
    arrays: found,
    name: (steps) =>
      steps.flatMap(({ name, variables }) =>
        orderVariables(variables).map(([variable], index) => ({
          name: `${name}/${variable}`,
          path: `${places.get(name)}/${index}`,
        }))
      ),
  };
}

/**
 * Loads a model that Keras saved as one file, `.h5` or `.keras`. `location` is a path or a
 * file's URL.
 *
 * Nothing in it is trusted: what it declares is checked before there is memory for it, it
 * is read in a worker that is ended after a minute, none of its code is run, every field
 * that changes what the model computes is read or refused. `pixels` says what pixels the
 * model was made to read, where it doesn't say it itself. Throws what
 * `loadLayersModel` throws, and an `Error` where the package that reads HDF5 can't be
 * fetched.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadKeras } from "./load_keras.ts";
 *
 * await assertRejects(() => loadKeras("/no/such/model.h5"), Deno.errors.NotFound);
 * ```
 */
export async function loadKeras(
  location: string | URL,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  const text = `${location}`;
  const source = text.startsWith("file:") ? fileURLToPath(text) : text;
  const bytes = await readRegularFile(source, { limit: MOST_BYTES });
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const file = await (isZip ? readKeras : readH5)(bytes, source);
  const topology = parseTopology(file.topology, source);
  const named = file.name(listSteps(topology.row));
  const missing = named.find(({ path }) => !Object.hasOwn(file.arrays, path));
  if (missing) {
    refuse(
      source,
      `its weights must hold ${missing.name}: there is no ${missing.path}; save the model again`,
    );
  }
  const stored = named.map(({ name, path }) => {
    const array = file.arrays[path];
    checkFinite(array.values, { name, source });
    return array;
  });
  const declared = named.map(({ name }, place): DeclaredWeight => ({
    name,
    shape: stored[place].shape,
    dtype: "float32",
    scale: 1,
    min: 0,
  }));
  const places = matchWeights(topology.row, declared, source);
  const { spec, weights, pixels: reads, ends } = lowerSaved(
    topology,
    { places, stored },
    source,
    { pixels },
  );
  return {
    kind: "row",
    spec,
    weights,
    ...reads && { reads },
    ...ends && { ends },
    bytes: weights.reduce((sum, { shape }) => sum + 4 * product(shape), 0),
    sha256: await hashModel([bytes], pixels, ends),
    ...pixels && { pixels },
  };
}
