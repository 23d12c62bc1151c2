import { assertEquals, assertRejects } from "@std/assert";
import { readModelFile } from "../../../web/components/draw/read_model_file.ts";

/** A file that says it has `size` bytes, and fails the test if it is read. */
class UnreadFile extends File {
  constructor(override readonly size: number) {
    super([], "large.dram");
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    throw new Error("it was read");
  }
}

Deno.test("a file is read to its last byte", async () => {
  const file = new File([Uint8Array.of(1, 2, 3)], "a.dram");
  assertEquals(await readModelFile(file), Uint8Array.of(1, 2, 3));
});

Deno.test("a file that is too large is refused before it is read", async () => {
  await assertRejects(
    () => readModelFile(new UnreadFile(8_000_001)),
    RangeError,
    "it has 8000001 bytes",
  );
});
