import { writeAtomically } from "../files/write_atomically.ts";
import type { Certificate } from "./certificate.ts";

/**
 * Where the certificate of the file at `path` lies: beside it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { certificatePath } from "./write_certificate.ts";
 *
 * assertEquals(certificatePath("models/compact/small.dram"), "models/compact/small.certificate.json");
 * ```
 */
export function certificatePath(path: string): string {
  return `${path.replace(/\.dram$/, "")}.certificate.json`;
}

/**
 * `certificate` as the file beside the one at `path`: where it lies, and its text, for
 * `writeAllAtomically` to write with what it certifies.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram, smallModel } from "../../tests/core/infer/small_model.ts";
 * import { certify } from "./certificate.ts";
 * import { certificateFile } from "./write_certificate.ts";
 *
 * const certificate = await certify({
 *   ...{ bytes: smallDram(), encoded: smallModel() },
 *   ...{ images: new Uint8Array(784), backends: [] },
 * });
 * const [path, text] = certificateFile("models/small.dram", certificate);
 * assertEquals(path, "models/small.certificate.json");
 * assertEquals(JSON.parse(text), certificate);
 * ```
 */
export function certificateFile(
  path: string,
  certificate: Certificate,
): [path: string, text: string] {
  return [certificatePath(path), `${JSON.stringify(certificate, null, 2)}\n`];
}

/**
 * Writes `certificate` beside the file at `path`, and returns its path. Throws what
 * the file system throws.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { smallDram, smallModel } from "../../tests/core/infer/small_model.ts";
 * import { certify } from "./certificate.ts";
 * import { writeCertificate } from "./write_certificate.ts";
 *
 * const certificate = await certify({
 *   bytes: smallDram(),
 *   encoded: smallModel(),
 *   images: new Uint8Array(784),
 *   backends: ["wasm"],
 * });
 * const path = await writeCertificate(`${await Deno.makeTempDir()}/small.dram`, certificate);
 * assertEquals(JSON.parse(await Deno.readTextFile(path)).weights, 160);
 * ```
 */
export async function writeCertificate(
  path: string,
  certificate: Certificate,
): Promise<string> {
  const [beside, text] = certificateFile(path, certificate);
  await writeAtomically(beside, text);
  return beside;
}
