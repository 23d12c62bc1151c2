import { askDeno, askPage, askTinyPage } from "./ask_deno.ts";
import { LITERT, ONNX_RUNTIME } from "../runtimes/start_runtime.ts";
import { askPackage } from "./ask_package.ts";
import { askTfjs } from "./ask_tfjs.ts";
import { writeTflite } from "./tflite.ts";
import { writeOnnxModel } from "./onnx.ts";
import { askSafeTensors, writeSafeTensors } from "./safetensors.ts";
import { askCompiler } from "./ask_compiler.ts";
import { isInteger } from "../models/integer.ts";
import { writeC } from "./c.ts";
import { writeIntegerC } from "./c_integers.ts";
import { writeHtml } from "./html.ts";
import { writeJs } from "./js.ts";
import { writeTinyPage } from "./tiny_page.ts";
import type { Exporter, ExportFormat } from "./exporter.ts";

/** What a model can be exported to, in the order in which it is listed. */
export const EXPORTERS: { readonly [Format in ExportFormat]: Exporter } = {
  onnx: {
    about: "an ONNX file, of images [n, channels, height, width]",
    makes: { extension: ".onnx" },
    names: [""],
    fetches: `${ONNX_RUNTIME.name} ${ONNX_RUNTIME.version} (33 MB)`,
    write: writeOnnxModel,
    ask: (question) => askPackage(ONNX_RUNTIME, question),
  },
  tflite: {
    about: "a TensorFlow Lite file, of one image at a time",
    makes: { extension: ".tflite" },
    names: [""],
    fetches: `@litertjs/core ${LITERT.version} (12 MB)`,
    write: writeTflite,
    ask: (question) => askPackage(LITERT, question),
  },
  tfjs: {
    about: "a folder with a TensorFlow.js LayersModel",
    makes: "folder",
    names: ["weights.bin", "model.json"],
    // Loaded where it is asked for: the others need no tfjs.
    write: async (model) => (await import("./tfjs.ts")).writeTfjs(model),
    ask: askTfjs,
  },
  safetensors: {
    about: "float32 weights, with the layers as metadata",
    makes: { extension: ".safetensors" },
    names: [""],
    write: writeSafeTensors,
    ask: askSafeTensors,
  },
  c: {
    about: "a C99 header",
    makes: { extension: ".h" },
    names: [""],
    write: (model) =>
      isInteger(model.spec.layers) ? writeIntegerC(model) : writeC(model),
    ask: askCompiler,
  },
  js: {
    about: "an ES module without imports, with its types",
    makes: { extension: ".js" },
    names: [".d.ts", ""],
    write: writeJs,
    ask: askDeno,
  },
  html: {
    about: "one page to draw on or drop a picture on, without a network",
    makes: { extension: ".html" },
    names: [""],
    write: writeHtml,
    ask: askPage,
  },
};

/**
 * The page of `html` in as few bytes as it takes, of a model that reads single characters
 * in MNIST's form: its decoder, the model and paper to draw on, nothing else.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { decodeDram } from "../infer/decode_dram.ts";
 * import { TINY_PAGE } from "./exporters.ts";
 * import { QR_BYTES } from "./tiny_page.ts";
 *
 * const dram = await Deno.readFile("models/compact/digits-98.dram");
 * const { files: [page] } = await TINY_PAGE.write(decodeDram(dram), "digits");
 * assert(page.content.length <= QR_BYTES);
 * ```
 */
export const TINY_PAGE: Exporter = {
  about: "a page to draw on, in as few bytes as it takes",
  makes: { extension: ".html" },
  names: [""],
  write: writeTinyPage,
  ask: askTinyPage,
};

/**
 * All formats, in the order of {@linkcode EXPORTERS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listExportFormats } from "./exporters.ts";
 *
 * assertEquals(listExportFormats()[0], "onnx");
 * ```
 */
export function listExportFormats(): ExportFormat[] {
  return Object.keys(EXPORTERS).filter(isExportFormat);
}

/**
 * Whether `name` is one of {@linkcode EXPORTERS}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isExportFormat } from "./exporters.ts";
 *
 * assertEquals(["c", "cobol"].map(isExportFormat), [true, false]);
 * ```
 */
export function isExportFormat(name: string): name is ExportFormat {
  return Object.hasOwn(EXPORTERS, name);
}
