import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "../data/idx_file.ts";
import { isRecord, parseJsonObject } from "../files/json.ts";
import type { FloatArray } from "../files/safetensors.ts";
import { weightShapes } from "./cost.ts";
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

const FLOAT_BYTES = 4;
/** Bytes that a model's JSON may take: the teacher's takes 4 kB. */
const MOST_JSON_BYTES = 2 ** 24;

function checkSize(size: number, most: number, url: URL): void {
  if (size > most) {
    throw new SyntaxError(
      `Cannot load ${
        displayName(url)
      }: it must be at most ${most} bytes: it is ${
        Number.isFinite(size) ? size : "more"
      }`,
    );
  }
}

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
    checkSize(size > most ? Infinity : size, most, url);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * Reads a file beside `model.json`; `undefined` where there is none. One that is
 * larger than `most` bytes is refused before any of it is read.
 */
async function readBeside(
  folder: URL,
  file: string,
  most = MOST_JSON_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const url = new URL(file, folder);
  if (url.protocol === "file:") {
    try {
      const { isFile, size } = await Deno.stat(url);
      if (!isFile) {
        throw new SyntaxError(
          `Cannot load ${displayName(url)}: it must be a file: it is none`,
        );
      }
      checkSize(size, most, url);
      return await Deno.readFile(url);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
  const response = await fetch(url);
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

/** Throws unless `path` names a file in the model's own folder. */
function checkPath(path: unknown, source: string): asserts path is string {
  if (typeof path !== "string" || !/^[\w][\w.-]*$/.test(path)) {
    throw new SyntaxError(
      `Cannot load ${source}: weights must lie beside it under a plain file name: found ${
        JSON.stringify(path)
      }`,
    );
  }
}

/** One declared weight. */
interface WeightEntry {
  name: string;
  shape: number[];
}

function parseEntry(value: unknown, source: string): WeightEntry {
  if (isRecord(value) && value.dtype === "float32" && !value.quantization) {
    const { name, shape } = value;
    if (
      typeof name === "string" && Array.isArray(shape) &&
      shape.every((extent) => Number.isSafeInteger(extent) && extent > 0)
    ) return { name, shape };
  }
  throw new SyntaxError(
    `Cannot load ${source}: each weight must be declared as float32, unquantised, with a name and a shape`,
  );
}

/** File names and declared weights of `weightsManifest`. */
function parseWeightsManifest(
  value: unknown,
  source: string,
): { paths: string[]; entries: WeightEntry[] } {
  const paths: string[] = [];
  const entries: WeightEntry[] = [];
  if (!Array.isArray(value)) {
    throw new SyntaxError(`Cannot load ${source}: it must list its weights`);
  }
  for (const group of value) {
    if (
      !isRecord(group) || !Array.isArray(group.paths) ||
      !Array.isArray(group.weights)
    ) {
      throw new SyntaxError(
        `Cannot load ${source}: each group of weights must have paths and weights`,
      );
    }
    for (const path of group.paths) {
      checkPath(path, source);
      paths.push(path);
    }
    entries.push(...group.weights.map((entry) => parseEntry(entry, source)));
  }
  return { paths, entries };
}

/** Bytes of float32 arrays of `shapes` together. */
function byteLength(shapes: number[][]): number {
  return shapes.reduce(
    (sum, shape) => sum + shape.reduce((a, b) => a * b, FLOAT_BYTES),
    0,
  );
}

function describe(shapes: number[][]): string {
  return shapes.map((shape) => `[${shape.join(", ")}]`).join(", ");
}

/** Cuts `data` into the arrays that `shapes` declare; they must fill it exactly. */
function cutWeights(
  data: Uint8Array,
  shapes: number[][],
  source: string,
): FloatArray[] {
  const expected = byteLength(shapes);
  if (data.length !== expected) {
    throw new SyntaxError(
      `Cannot load ${source}: its weights must fill ${expected} bytes: they are ${data.length}`,
    );
  }
  let offset = 0;
  return shapes.map((shape) => {
    const values = new Float32Array(byteLength([shape]) / FLOAT_BYTES);
    const end = offset + values.byteLength;
    new Uint8Array(values.buffer).set(data.subarray(offset, end));
    offset = end;
    return { shape, values };
  });
}

/**
 * Loads a model folder: `model.json` with the weights beside it and, if there is
 * one, `manifest.json`. `location` is a path or a URL.
 *
 * Nothing in it is trusted: weights must lie in the folder itself, and their
 * shapes must be those of the layers and fill the files exactly. Throws
 * `Deno.errors.NotFound` for a missing file, a `SyntaxError` for a malformed
 * one, and a `RangeError` where a layer's counts are out of range.
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
  const json = await readBeside(folder, "model.json");
  if (!json) {
    throw new Deno.errors.NotFound(
      `Cannot load a model from ${
        displayName(folder)
      }: it must hold model.json: there is none`,
    );
  }
  const description = parseJsonObject(new TextDecoder().decode(json), source);
  const spec = parseTopology(description.modelTopology, source);
  const shapes = weightShapes(spec);
  const { paths, entries } = parseWeightsManifest(
    description.weightsManifest,
    source,
  );
  const declared = entries.map((entry) => entry.shape);
  if (describe(declared) !== describe(shapes)) {
    throw new SyntaxError(
      `Cannot load ${source}: its weights must have shapes ${
        describe(shapes)
      }: they have ${describe(declared)}`,
    );
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let left = byteLength(shapes);
  for (const path of paths) {
    const part = await readBeside(folder, path, left);
    if (!part) {
      throw new Deno.errors.NotFound(
        `Cannot load ${source}: its weights must lie beside it: ${path} is missing`,
      );
    }
    parts.push(part);
    left -= part.length;
  }
  const data = new Uint8Array(await new Blob(parts).arrayBuffer());
  const weights = cutWeights(data, shapes, source);
  const manifest = await readBeside(folder, "manifest.json");
  return {
    spec,
    weights,
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
  if (location instanceof URL || /^(https?|file):/.test(location)) {
    return new URL(`${location}`.replace(/\/?$/, "/"));
  }
  return pathToFileURL(`${resolve(location)}/`);
}

/** A URL as a person would write it: a path for a local file. */
function displayName(url: URL): string {
  return url.protocol === "file:" ? decodeURIComponent(url.pathname) : url.href;
}
