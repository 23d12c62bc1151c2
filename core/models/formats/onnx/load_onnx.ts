import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quoteJson } from "../../../files/json.ts";
import { cleanText } from "../../../text/clean_text.ts";
import { hashModel, type LoadedModel } from "../loaded_model.ts";
import type { PixelScale } from "../pixel_scale.ts";
import type { RuntimeFile } from "../../../runtimes/serve_runtime.ts";
import { type DescribedBox, hashBox } from "../black_box.ts";
import { rowOnly, rowOrBox } from "../row_or_box.ts";
import { describeBox } from "./describe_box.ts";
import { displayName, readBeside } from "../read_beside.ts";
import { lowerGraph } from "./lower_graph.ts";
import {
  type OnnxModel,
  parseModel,
  type StoredTensor,
} from "./parse_model.ts";

/** Bytes that a file may have: more, protobuf has no lengths for. */
const MOST_BYTES = 2 ** 31 - 1;
/** Files beside it that weights may lie in. */
const MOST_FILES = 4096;

/** Where `tensor` lies in another file: a plain name in the model's own folder. */
function parseExternal(
  { name, external }: StoredTensor,
  source: string,
): { file: string; offset: number; length?: number } | undefined {
  if (!external) return undefined;
  const said = external.get("location") ?? "";
  const file = said.replace(/^\.\//, "");
  const numberOf = (key: string): number => {
    const text = external.get(key) ?? "";
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new SyntaxError(
      `Cannot load ${source}: tensor ${
        cleanText(name)
      } must say its ${key} as a number: found ${
        quoteJson(text)
      }; export the model anew`,
    );
  };
  if (!/^\w[\w.-]*$/.test(file)) {
    throw new SyntaxError(
      `Cannot load ${source}: weights must lie beside it under a plain file name: found ${
        quoteJson(said)
      }; put them there, and export the model to that name`,
    );
  }
  return {
    file,
    offset: external.has("offset") ? numberOf("offset") : 0,
    ...external.has("length") && { length: numberOf("length") },
  };
}

/** The model with all its tensors' bytes, and the files beside it. */
async function readExternal(
  model: OnnxModel,
  { folder, source }: { folder: URL; source: string },
): Promise<{ model: OnnxModel; beside: RuntimeFile[] }> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const tensors = new Map<string, StoredTensor>();
  let left = MOST_BYTES;
  for (const [name, tensor] of model.tensors) {
    const place = parseExternal(tensor, source);
    if (!place) {
      tensors.set(name, tensor);
      continue;
    }
    const { file, offset } = place;
    let bytes = files.get(file);
    if (!bytes) {
      bytes = await readBeside(folder, file, left);
      if (!bytes) {
        throw new Deno.errors.NotFound(
          `Cannot load ${source}: its weights must lie beside it: ${file} is missing; copy it there too`,
        );
      }
      left -= bytes.length;
      files.set(file, bytes);
      if (files.size > MOST_FILES) {
        throw new RangeError(
          `Cannot load ${source}: its weights must lie in at most ${MOST_FILES} files: they lie in more; export the model anew`,
        );
      }
    }
    const { length = bytes.length - offset } = place;
    if (length < 0 || offset + length > bytes.length) {
      throw new SyntaxError(
        `Cannot load ${source}: tensor ${
          cleanText(name)
        } must lie in ${file}: it ends at byte ${
          offset + length
        } of ${bytes.length}; copy both files again`,
      );
    }
    const raw = bytes.subarray(offset, offset + length);
    tensors.set(name, { ...tensor, raw });
  }
  const beside = Array.from(files, ([name, content]) => ({ name, content }));
  return { model: { ...model, tensors }, beside };
}

/** Where the file lies, and what it is called. */
function locate(location: string | URL): { folder: URL; file: string } {
  const text = `${location}`;
  const url = /^(https?|file):/.test(text)
    ? new URL(text)
    : pathToFileURL(resolve(text));
  return {
    folder: new URL("./", url),
    file: url.pathname.split("/").at(-1) ?? "",
  };
}

/** An ONNX file, parsed, with all that belongs to it. */
interface OnnxFile {
  /** What errors call it. */
  source: string;
  /** What it is called without its ending. */
  name: string;
  model: OnnxModel;
  /** It, and those beside it. */
  files: RuntimeFile[];
}

async function readOnnx(location: string | URL): Promise<OnnxFile> {
  const { folder, file } = locate(location);
  const source = displayName(new URL(file, folder));
  const bytes = await readBeside(folder, file, MOST_BYTES);
  if (!bytes) {
    throw new Deno.errors.NotFound(
      `Cannot load ${source}: there is no such file; check the path`,
    );
  }
  const { model, beside } = await readExternal(parseModel(bytes, source), {
    folder,
    source,
  });
  const name = cleanText(
    source.split("/").at(-1)?.replace(/\.onnx$/i, "") || "onnx",
    { length: 60 },
  );
  const files = [{ name: "model.onnx", content: bytes }, ...beside];
  return { source, name, model, files };
}

/** The row of layers that `file` is; throws where it is none. */
async function lowerOnnx(
  { source, name, model, files }: OnnxFile,
  { pixels }: { pixels?: PixelScale },
): Promise<LoadedModel> {
  const size = files.reduce((sum, { content }) => sum + content.length, 0);
  const lowered = lowerGraph(model, { name, source, size, pixels });
  return {
    kind: "row",
    ...lowered,
    sha256: await hashModel(
      files.map(({ content }) => content),
      pixels,
      lowered.ends,
    ),
    ...pixels && { pixels },
  };
}

/** What `file` is as a black box, being no row for a `reason`; or why it can't be one. */
async function boxOnnx(
  { source, name, model, files }: OnnxFile,
  { pixels }: { pixels?: PixelScale },
  reason: string,
): Promise<DescribedBox | string> {
  const parts = describeBox(model, files, { pixels, source });
  if (typeof parts === "string") return parts;
  return {
    kind: "box",
    name,
    source,
    format: "onnx",
    bytes: files.reduce((sum, { content }) => sum + content.length, 0),
    reason,
    sha256: await hashBox(files, parts.pixels),
    ...parts,
  };
}

/**
 * Loads an ONNX file, `location` being a path or a URL, as a row of our layers: what
 * PyTorch, tf2onnx and others write of a convolutional or dense network. `pixels` says
 * what it was made to read, where it doesn't say it itself.
 *
 * Nothing in it is trusted and no code of it is run: lengths are checked before anything
 * is allocated, weights beside the file must lie in its own folder, and what it says is
 * read, or known to change nothing, or refused with the node's name. Throws
 * `Deno.errors.NotFound` for a missing file, a `SyntaxError` for what is no such model, a
 * `TypeError` for what is no regular file, and a `RangeError` where counts are out of
 * range.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { loadOnnx } from "./load_onnx.ts";
 *
 * await assertRejects(() => loadOnnx("/no/such.onnx"), Deno.errors.NotFound);
 * ```
 */
export async function loadOnnx(
  location: string | URL,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel> {
  const file = await readOnnx(location);
  return await rowOnly(
    () => lowerOnnx(file, { pixels }),
    (reason) => boxOnnx(file, { pixels }, reason),
  );
}

/**
 * Loads an ONNX file as {@linkcode loadOnnx} does, or, where it is no row of our layers
 * but reads images and gives a number a class, as a black box. Throws what `loadOnnx`
 * throws where it is neither.
 */
export async function describeOnnx(
  location: string | URL,
  { pixels }: { pixels?: PixelScale } = {},
): Promise<LoadedModel | DescribedBox> {
  const file = await readOnnx(location);
  return await rowOrBox(
    () => lowerOnnx(file, { pixels }),
    (reason) => boxOnnx(file, { pixels }, reason),
  );
}
