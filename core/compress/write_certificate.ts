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
 * Writes `certificate` beside the file at `path`, and returns its path. Throws what
 * the file system throws.
 */
export async function writeCertificate(
  path: string,
  certificate: Certificate,
): Promise<string> {
  const beside = certificatePath(path);
  await writeAtomically(beside, `${JSON.stringify(certificate, null, 2)}\n`);
  return beside;
}
