import type { ModelFile } from "./model_file.ts";

/** Files, each of other bytes and by another name. */
export interface DistinctFiles {
  /** The first of each that hold the same bytes. */
  files: ModelFile[];
  /** The name under which the bytes of `file`, one of those given, are kept. */
  nameOf: (file: ModelFile) => string;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * The first of `files` that hold the same bytes, in their order.
 *
 * Throws an `Error` where two of other bytes have one name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dropDuplicates } from "./drop_duplicates.ts";
 *
 * const file = (name: string, byte: number) => ({
 *   ...{ name, family: "compact" as const, title: "", hidden: null, loss: null, seed: null },
 *   ...{ expected: null, bytes: Uint8Array.of(byte) },
 * });
 * const all = [file("a", 1), file("b", 2), file("c", 1)];
 * const { files, nameOf } = dropDuplicates(all);
 * assertEquals(files.map(({ name }) => name), ["a", "b"]);
 * assertEquals(nameOf(all[2]), "a");
 * ```
 */
export function dropDuplicates(all: ModelFile[]): DistinctFiles {
  const findFirst = (file: ModelFile) =>
    all.find(({ bytes }) => sameBytes(bytes, file.bytes)) ?? file;
  const files = all.filter((file) => findFirst(file) === file);
  const names = files.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(
      `Cannot make a site: each model must have a name of its own: two are called ${twice}`,
    );
  }
  return { files, nameOf: (file) => findFirst(file).name };
}
