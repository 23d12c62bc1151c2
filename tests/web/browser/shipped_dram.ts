import { Buffer } from "node:buffer";

/** The bytes of the compact model `name` that the repository ships. */
export async function readShippedDram(name: string): Promise<Buffer> {
  return Buffer.from(
    await Deno.readFile(
      new URL(`../../../models/compact/${name}.dram`, import.meta.url),
    ),
  );
}
