import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "../data/formats/idx_file.ts";
import { isRecord, parseJsonObject, quoteJson } from "../files/json.ts";
import { readRegularFile } from "../files/read_regular_file.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { weightShapes } from "./cost.ts";
import {
  byteLength,
  cutWeights,
  type DeclaredWeight,
  matchWeights,
  parseDeclaredWeight,
} from "./match_weights.ts";
import { parseTopology } from "./parse_topology.ts";
import type { ModelSpec } from "./spec.ts";

/** A model as loaded: its layers, its weights, and what identifies it. */
export interface LoadedModel {
  /** Layers, as plain data. */
  spec: ModelSpec;
  /** Kernel and bias of each layer that has them, in order. */
  weights: FloatArray[];
  /** SHA-256 of `model.json` and the weights together, in hexadecimal. */
  sha256: string;
  /** Bytes of the weights. */
  bytes: number;
  /** `manifest.json`, where there is one. */
  manifest?: Record<string, unknown>;
}

/** Bytes that a model's JSON may take: the teacher's takes 4 kB. */
const MOST_JSON_BYTES = 2 ** 24;
/** Bytes that its weights may take: larger ones fit no array. */
const MOST_WEIGHT_BYTES = 2 ** 31;
/** Files that they may lie in; tfjs cuts them at 4 MB. */
const MOST_PATHS = 4096;

/** The body of `response`, as long as it keeps to `most` bytes. */
async function readBody(
  response: Response,
  most: number,
  url: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > most) {
      throw new RangeError(
        `Cannot load ${url}: it must be at most ${most} bytes: the server sends more`,
      );
    }
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * Reads a file beside `model.json`; `undefined` where there is none. What is no
 * file, or larger than `most` bytes, is refused before any of it is read.
 */
async function readBeside(
  folder: URL,
  file: string,
  most = MOST_JSON_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const url = new URL(file, folder);
  if (url.protocol === "file:") {
    try {
      return await readRegularFile(displayName(url), { limit: most });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (!(error instanceof Deno.errors.NotADirectory)) throw error;
      throw new TypeError(
        `Cannot load a model from ${
          displayName(folder).replace(/\/$/, "")
        }: it must be a folder that holds model.json: it is none; convert the model to a tfjs LayersModel and name its folder`,
        { cause: error },
      );
    }
  }
  const response = await fetch(url).catch((cause: Error) => {
    throw new Error(
      `Cannot load ${url}: a server must answer: ${cause.message}; check the address`,
      { cause },
    );
  });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok) {
    throw new Error(
      `Cannot load ${url}: the server answers ${response.status}`,
    );
  }
  return await readBody(response, most, url);
}

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

/** `model.json` in `folder`, or why it isn't there. */
async function readModelJson(folder: URL): Promise<Uint8Array<ArrayBuffer>> {
  const json = await readBeside(folder, "model.json");
  if (json) return json;
  const there = folder.protocol !== "file:" ||
    await Deno.stat(folder).then(() => true, () => false);
  throw new Deno.errors.NotFound(
    `Cannot load a model from ${displayName(folder)}: ${
      there
        ? "it must hold model.json: there is none; name the folder of a tfjs LayersModel"
        : "there is no such file or folder; check the path"
    }`,
  );
}

/**
 * Loads a model folder: `model.json` with the weights beside it and, if there is
 * one, `manifest.json`. `location` is a path or a URL of the folder, or of
 * `model.json` itself.
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
 * import { loadModel } from "./load_model.ts";
 *
 * await assertRejects(() => loadModel("/no/such/folder"), Deno.errors.NotFound);
 * ```
 */
export async function loadModel(location: string | URL): Promise<LoadedModel> {
  const folder = folderUrl(location);
  const source = displayName(new URL("model.json", folder));
  const json = await readModelJson(folder);
  const description = parseJsonObject(new TextDecoder().decode(json), source);
  const { format = "layers-model", modelTopology } = description;
  if (format !== null && format !== "layers-model") {
    throw new SyntaxError(
      `Cannot load ${source}: its format must be layers-model: found ${
        quoteJson(format)
      }; convert the model with --output_format=tfjs_layers_model`,
    );
  }
  const spec = parseTopology(modelTopology, source);
  const { paths, declared } = parseWeightsManifest(
    description.weightsManifest,
    source,
  );
  // Before any weight is read: their names and shapes must be the layers'.
  const places = matchWeights(spec, declared, source);
  const bytes = byteLength(weightShapes(spec));
  if (bytes > MOST_WEIGHT_BYTES) {
    throw new RangeError(
      `Cannot load ${source}: its weights must have at most ${MOST_WEIGHT_BYTES} bytes: they have ${bytes}; load a smaller model`,
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
  const manifest = await readBeside(folder, "manifest.json");
  return {
    spec,
    weights: places.map((place) => stored[place]),
    bytes: data.length,
    sha256: await sha256Hex(
      new Uint8Array(await new Blob([json, data]).arrayBuffer()),
    ),
    manifest: manifest &&
      parseJsonObject(
        new TextDecoder().decode(manifest),
        displayName(new URL("manifest.json", folder)),
      ),
  };
}

/** `location` as the URL of a folder. */
function folderUrl(location: string | URL): URL {
  const text = `${location}`.replace(/(^|\/)model\.json$/, "$1");
  if (!/^(https?|file):/.test(text)) return pathToFileURL(`${resolve(text)}/`);
  const url = text.replace(/\/?$/, "/");
  if (URL.canParse(url)) return new URL(url);
  throw new TypeError(
    `Cannot load a model from ${location}: it must be a path or a URL; check it`,
  );
}

/** A URL as a person would write it: a path for a local file. */
function displayName(url: URL): string {
  return url.protocol === "file:" ? decodeURIComponent(url.pathname) : url.href;
}
