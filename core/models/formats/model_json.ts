import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord, parseJsonObject, quoteJson } from "../../files/json.ts";
import { displayName, readBeside } from "./read_beside.ts";
import {
  byteLength,
  type DeclaredWeight,
  floatBytes,
  parseDeclaredWeight,
} from "./stored_weights.ts";

/** Bytes that a model's JSON may take: the teacher's takes 4 kB. */
export const MOST_JSON_BYTES = 2 ** 24;
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
export function parseWeightsManifest(
  value: unknown,
  source: string,
  options: { isGraph?: boolean } = {},
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
      declared.push(parseDeclaredWeight(entry, source, options));
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

/** A tfjs model's JSON, of which nothing but that it is JSON is known yet. */
export interface ModelJson {
  /** Where it lies, and what lies beside it. */
  folder: URL;
  /** What errors call it. */
  source: string;
  bytes: Uint8Array<ArrayBuffer>;
  description: Record<string, unknown>;
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

/**
 * Reads the JSON of a tfjs model, `location` being a path or a URL of its folder, or of
 * the JSON file. Throws `Deno.errors.NotFound` for a missing file, a `SyntaxError` for a
 * malformed one, a `TypeError` for what is no regular file, and a `RangeError` for one
 * that is too large.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { openModelJson } from "./model_json.ts";
 *
 * await assertRejects(() => openModelJson("/no/such/folder"), Deno.errors.NotFound);
 * ```
 */
export async function openModelJson(
  location: string | URL,
): Promise<ModelJson> {
  const { folder, file } = locate(location);
  const source = displayName(new URL(encodeURIComponent(file), folder));
  const bytes = await readModelJson(folder, file);
  const description = parseJsonObject(new TextDecoder().decode(bytes), source);
  return { folder, source, bytes, description };
}

/**
 * What the files beside a model's JSON hold, one behind the other: no more of it is read
 * than is `declared`. Throws a `RangeError` where that is more than memory holds, and
 * what {@linkcode openModelJson} throws.
 */
export async function readWeightData(
  { folder, source }: ModelJson,
  { paths, declared }: { paths: string[]; declared: DeclaredWeight[] },
): Promise<Uint8Array<ArrayBuffer>> {
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
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** A tfjs model's two files as stock tfjs takes them: its JSON, and its weights in one piece. */
export interface TfjsOriginal {
  /** Its JSON, whatever it is called. */
  json: string;
  /** The bytes of its weights. */
  data: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a tfjs model's files, a LayersModel's or a GraphModel's, as they are. Throws what
 * {@linkcode openModelJson} throws.
 */
export async function readTfjsFiles(
  location: string | URL,
): Promise<TfjsOriginal> {
  const model = await openModelJson(location);
  const { bytes, source, description } = model;
  const isGraph = description.format === "graph-model";
  const manifested = parseWeightsManifest(description.weightsManifest, source, {
    isGraph,
  });
  return {
    json: new TextDecoder().decode(bytes),
    data: await readWeightData(model, manifested),
  };
}
