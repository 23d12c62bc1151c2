import { assertEquals } from "@std/assert";
import { crc32 as zlibCrc32 } from "node:zlib";
import { crc32 } from "../../../core/infer/crc32.ts";
import { fc } from "../../seeded_check.ts";

Deno.test("crc32 is zlib's", () => {
  assertEquals(crc32(new Uint8Array(0)), 0);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      (bytes) => assertEquals(crc32(bytes), zlibCrc32(bytes)),
    ),
  );
});
