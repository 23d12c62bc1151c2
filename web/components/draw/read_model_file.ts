/** Most bytes of a model file that the page opens: above the teacher's. */
const MOST_BYTES = 8_000_000;

/**
 * The bytes of a file that was dropped or chosen. Its length is looked at before
 * it is read. Throws a `RangeError` where it is empty or too large.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { readModelFile } from "./read_model_file.ts";
 *
 * await assertRejects(() => readModelFile(new File([], "empty.dram")), RangeError, "has 0 bytes");
 * ```
 */
export async function readModelFile(
  file: File,
): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size === 0 || file.size > MOST_BYTES) {
    throw new RangeError(
      `Cannot open a model file: it must have from 1 to ${MOST_BYTES} bytes: it has ${file.size} bytes`,
    );
  }
  return new Uint8Array(await file.arrayBuffer());
}
