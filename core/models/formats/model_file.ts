/** How files of models are called that aren't ours, by what is read of them. */
const ENDINGS = {
  "tfjs-layers-model": /\.json$/i,
  keras: /\.(h5|hdf5|keras)$/i,
  onnx: /\.onnx$/i,
  pytorch: /\.(pt|pth)$/i,
} as const;

/** What another program's file of a model may be. */
export type ModelFileFormat = keyof typeof ENDINGS;

function isFormat(name: string): name is ModelFileFormat {
  return Object.hasOwn(ENDINGS, name);
}

/**
 * What the file at `path` is by its name; null where that says nothing: a folder, or a
 * file of our own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatByName } from "./model_file.ts";
 *
 * assertEquals(formatByName("models/digits.ONNX"), "onnx");
 * assertEquals(formatByName("models/teacher"), null);
 * ```
 */
export function formatByName(path: string): ModelFileFormat | null {
  const formats = Object.keys(ENDINGS).filter(isFormat);
  return formats.find((format) => ENDINGS[format].test(path)) ?? null;
}
