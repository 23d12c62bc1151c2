import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord, parseJsonObject, quoteJson } from "../../../files/json.ts";
import type { FloatArray } from "../../../files/safetensors.ts";
import { checkOutput } from "../check_output.ts";
import { hashModel, type LoadedModel } from "../loaded_model.ts";
import { lowerRow } from "../lower_row.ts";
import type { PixelScale } from "../pixel_scale.ts";
import { displayName, readBeside } from "../read_beside.ts";
import type { RowStep } from "../row.ts";
import {
  byteLength,
  cutWeights,
  type DeclaredWeight,
  floatBytes,
  matchWeights,
  parseDeclaredWeight,
} from "./match_weights.ts";
import { parseTopology } from "./parse_topology.ts";
import type { SavedRow } from "./saved_layer.ts";

/** Bytes that a model's JSON may take: the teacher's takes 4 kB. */
const MOST_JSON_BYTES = 2 ** 24;
/** Bytes that its weights may take: larger ones fit no array. */
const MOST_WEIGHT_BYTES = 2 ** 31;
/** Files that they may lie in; tfjs cuts them at 4 MB. */
const MOST_PATHS = 4096;

/** `path`, where it names a file in the model's own folder; tfjs may write `./` before it. */
function parsePath(path: unknown, source: string): string {
  const name = typeof path === "string" ? path.replace(/^\.\//, "") : "";
  if (/^[\w][\w.-]*$/.test(name)) return name;
  throw new SyntaxError(
    `Cannot load ${source}: weights must lie beside it under a plain file name: found ${
      quoteJson(path)
    }; put them there, and write that name`,
  );
}

/** File names and declared weights of `weightsManifest`. */
function parseWeightsManifest(
  value: unknown,
  source: string,
): { paths: string[]; declared: DeclaredWeight[] } {
  const paths: string[] = [];
  const declared: DeclaredWeight[] = [];
  if (!Array.isArray(value)) {
    throw new SyntaxError(
      `Cannot load ${source}: it must list its weights; save the model again`,
    );
  }
  for (const group of value) {
    if (
      !isRecord(group) || !Array.isArray(group.paths) ||
      !Array.isArray(group.weights)
    ) {
      throw new SyntaxError(
        `Cannot load ${source}: each group of weights must have paths and weights: found ${
          quoteJson(group)
        }; save the model again`,
      );
    }
    for (const path of group.paths) paths.push(parsePath(path, source));
    for (const entry of group.weights) {
      declared.push(parseDeclaredWeight(entry, source));
    }
  }
  if (paths.length > MOST_PATHS) {
    throw new RangeError(
      `Cannot load ${source}: its weights must lie in at most ${MOST_PATHS} files: they lie in ${paths.length}; save the model again`,
    );
  }
  return { paths, declared };
}

/** The model's JSON in `folder`, or why it isn't there. */
async function readModelJson(
  folder: URL,
  file: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const json = await readBeside(
    folder,
    encodeURIComponent(file),
    MOST_JSON_BYTES,
  ).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotADirectory)) throw error;
    throw new TypeError(
      `Cannot load a model from ${
        displayName(folder).replace(/\/$/, "")
      }: it must be a folder that holds model.json: it is none; convert the model to a tfjs LayersModel and name its folder`,
      { cause: error },
    );
  });
  if (json) return json;
  const there = folder.protocol !== "file:" ||
    await Deno.stat(folder).then(() => true, () => false);
  throw new Deno.errors.NotFound(
    `Cannot load a model from ${displayName(folder)}: ${
      there
        ? `it must hold ${file}: there is none; name the folder of a tfjs LayersModel, or its JSON file`
        : "there is no such file or folder; check the path"
    }`,
  );
}

/**
 * Loads a model folder: `model.json` with the weights beside it and, if there is
 * one, `manifest.json`. `location` is a path or a URL of the folder, or of its JSON
 * file, which may have another name.
 *
 * Nothing in it is trusted: weights must lie in the folder itself, be called after
 * their layers, have the layers' shapes, fill the files exactly and be finite, and
 * every field that changes what the model computes is read or refused. Throws
 * `Deno.errors.NotFound` for a missing file, a `SyntaxError` for a malformed
 * one, a `TypeError` for what is no regular file, and a `RangeError` where a
 * layer's counts are out of range or a file is too large.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadLayersModel } from "./load_layers_model.ts";
 *
 * await assertRejects(() => loadLayersModel("/no/such/folder"), Deno.errors.NotFound);
 * ```
 */
export async function loadLayersModel(
  location: string | URL,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  const { folder, file } = locate(location);
  const source = displayName(new URL(encodeURIComponent(file), folder));
  const json = await readModelJson(folder, file);
  const description = parseJsonObject(new TextDecoder().decode(json), source);
  const { format = "layers-model", modelTopology } = description;
  if (format !== null && format !== "layers-model") {
    throw new SyntaxError(
      `Cannot load ${source}: its format must be layers-model: found ${
        quoteJson(format)
      }; convert the model with --output_format=tfjs_layers_model`,
    );
  }
  const topology = parseTopology(modelTopology, source);
  const { paths, declared } = parseWeightsManifest(
    description.weightsManifest,
    source,
  );
  // Before any weight is read: their names must be the layers'.
  const places = matchWeights(topology.row, declared, source);
  const bytes = byteLength(declared);
  // As they are stored, and as they will be held.
  const most = Math.max(bytes, floatBytes(declared));
  if (most > MOST_WEIGHT_BYTES) {
    throw new RangeError(
      `Cannot load ${source}: its weights must have at most ${MOST_WEIGHT_BYTES} bytes: they have ${most}; load a smaller model`,
    );
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let left = bytes;
  for (const path of paths) {
    const part = await readBeside(folder, path, left);
    if (!part) {
      throw new Deno.errors.NotFound(
        `Cannot load ${source}: its weights must lie beside it: ${path} is missing; copy the model's folder again, whole`,
      );
    }
    parts.push(part);
    left -= part.length;
  }
  const data = new Uint8Array(await new Blob(parts).arrayBuffer());
  const stored = cutWeights(data, declared, source);
  const manifest = parseManifest(
    await readBeside(folder, "manifest.json", MOST_JSON_BYTES),
    displayName(new URL("manifest.json", folder)),
  );
  // What was made here reads pixels divided by 255.
  const read = manifest ? undefined : pixels;
  const { spec, weights } = lowerSaved(topology, { places, stored }, source, {
    pixels: read,
  });
  return {
    kind: "row",
    spec,
    weights,
    bytes: data.length,
    sha256: await hashModel([json, data], read),
    manifest,
    ...read && { pixels: read },
  };
}

/** What a manifest of ours says; web apps have files of that name, too, which say nothing here. */
function parseManifest(
  bytes: Uint8Array | undefined,
  source: string,
): Record<string, unknown> | undefined {
  if (!bytes) return undefined;
  const manifest = parseJsonObject(new TextDecoder().decode(bytes), source);
  const { versions } = manifest;
  return isRecord(versions) && Object.hasOwn(versions, "retort")
    ? manifest
    : undefined;
}

/** Layers of ours of what `topology` says, with the `stored` weights at the `places` of their layer. */
export function lowerSaved(
  { row, ...saved }: ReturnType<typeof parseTopology>,
  { places, stored }: {
    places: ReturnType<typeof matchWeights>;
    stored: readonly FloatArray[];
  },
  source: string,
  options: { pixels?: PixelScale },
): ReturnType<typeof lowerRow> {
  const weightsOf = (name: string) =>
    (places.get(name) ?? []).map((place) => stored[place]);
  const steps = fillRow(row, weightsOf);
  const lowered = lowerRow({ ...saved, steps }, source, options);
  checkOutput(lowered.spec, source);
  return lowered;
}

/** What the layers of `row` do, with their weights, which are called by their layer's name. */
function fillRow(
  row: SavedRow,
  weightsOf: (name: string) => FloatArray[],
): RowStep[] {
  return row.flatMap((step): RowStep[] =>
    step.kind === "residual"
      ? [{
        kind: "residual",
        name: step.name,
        steps: fillRow(step.row, weightsOf),
      }]
      : step.steps(weightsOf(step.name))
  );
}

/** Where a model lies, and what its file is called: `model.json`, unless `location` names another. */
function locate(location: string | URL): { folder: URL; file: string } {
  const text = `${location}`;
  const file = /[^/\\]+\.json$/i.exec(text)?.[0] ?? "model.json";
  const folder = text.endsWith(file) ? text.slice(0, -file.length) : text;
  if (!/^(https?|file):/.test(text)) {
    return { folder: pathToFileURL(`${resolve(folder)}/`), file };
  }
  const url = folder.replace(/\/?$/, "/");
  if (URL.canParse(url)) return { folder: new URL(url), file };
  throw new TypeError(
    `Cannot load a model from ${location}: it must be a path or a URL; check it`,
  );
}
