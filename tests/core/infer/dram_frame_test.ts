import { assertEquals, assertThrows } from "@std/assert";
import { crc32 } from "node:zlib";
import { frameStream, unframeStream } from "../../../core/infer/dram_frame.ts";

const STREAM = Uint8Array.of(1, 2, 3);

Deno.test("a frame is magic, version and length, stream, checksum: 7 bytes around the stream", () => {
  const bytes = frameStream(STREAM, 1);
  assertEquals([...bytes.subarray(0, 6)], [0xd7, 0x20, 10, 1, 2, 3]);
  const sum = new DataView(bytes.buffer).getUint32(6);
  assertEquals(sum, crc32(bytes.subarray(0, 6)));
});

for (const length of [0, 1, 8183, 8184, 8185, 70_000]) {
  Deno.test(`a stream of ${length} bytes comes back from its frame`, () => {
    const stream = new Uint8Array(length).fill(7);
    const bytes = frameStream(stream, 2);
    assertEquals(bytes.length, length + (length < 8184 ? 7 : 11));
    assertEquals(unframeStream(bytes), { version: 2, stream });
  });
}

for (const length of [0, 1, 70_000, 300_000]) {
  Deno.test(`a stream of ${length} bytes comes back from its frame of version 4`, () => {
    const stream = new Uint8Array(length).fill(7);
    const bytes = frameStream(stream, 4);
    const word = new DataView(bytes.buffer).getUint32(0);
    assertEquals(word >>> 21, 0xd7 << 3 | 4);
    assertEquals(word & 0x1fffff, crc32(stream) >>> 11);
    assertEquals(bytes.length, length + 4);
    assertEquals(unframeStream(bytes), { version: 4, stream });
  });
}

Deno.test("a file that is no whole .dram says what is wrong with it", () => {
  const good = frameStream(STREAM, 1);
  const wrong = (change: (bytes: Uint8Array) => void) => {
    const bytes = good.slice();
    change(bytes);
    return bytes;
  };
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(0), "it is empty"],
    [wrong((b) => b[0] = 0x50), "it begins with 0x50; is it another kind"],
    [
      wrong((b) => b[1] = 0xa0),
      "version 5: this reader knows versions 1 to 4",
    ],
    [wrong((b) => b[1] = 0x00), "version 0"],
    [wrong((b) => b[4] ^= 1), "its checksum differs: it is damaged"],
    [wrong((b) => b[9] ^= 1), "its checksum differs"],
    [wrong((b) => b[2] = 6), "it must end after 6 bytes: 4 more follow"],
    [Uint8Array.of(...good, 0), "it must end after 10 bytes: 1 more follow"],
    [Uint8Array.of(0xd7, 0x20, 3), "it is cut short: it has 3 bytes"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => unframeStream(bytes), SyntaxError, message);
  }
});

Deno.test("a file cut short anywhere says so", () => {
  for (const stream of [STREAM, new Uint8Array(9000)]) {
    const bytes = frameStream(stream, 2);
    for (const length of [1, 2, 3, 5, 6, 9, bytes.length - 1]) {
      assertThrows(
        () => unframeStream(bytes.subarray(0, length)),
        SyntaxError,
        "it is cut short",
      );
    }
  }
});
