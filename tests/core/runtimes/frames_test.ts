import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  type FrameKind,
  FrameReader,
  packFrame,
  writeFrame,
} from "../../../core/runtimes/frames.ts";

/** A stream of `bytes`, which come in pieces of `lengths`, over and over. */
function streamOf(
  bytes: Uint8Array,
  lengths: readonly number[],
): ReadableStream<Uint8Array> {
  let [at, piece] = [0, 0];
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const end = at + lengths[piece++ % lengths.length];
      if (at < bytes.length) controller.enqueue(bytes.slice(at, end));
      if (end >= bytes.length) {
        controller.close();
        controller.byobRequest?.respond(0);
      }
      at = end;
    },
  });
}

/** What {@linkcode writeFrame} writes of `frames`. */
async function written(
  frames: readonly [FrameKind, Uint8Array][],
): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const bytes = new Response(readable).bytes();
  for (const [kind, content] of frames) await writeFrame(writer, kind, content);
  await writer.close();
  return await bytes;
}

Deno.test("frames are read as they were written, however their bytes are cut", async () => {
  const kind = fc.constantFrom<FrameKind>("text", "bytes");
  const frame = fc.tuple(kind, fc.uint8Array({ maxLength: 40 }));
  const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(frame), lengths, async (frames, lengths) => {
      const bytes = await written(frames);
      assertEquals(
        bytes,
        Uint8Array.from(frames.flatMap((each) => [...packFrame(...each)])),
      );
      const reader = new FrameReader(streamOf(bytes, lengths));
      for (const [kind, content] of frames) {
        assertEquals(await reader.read(40), {
          kind,
          content: Uint8Array.from(content),
        });
      }
      assertEquals(await reader.read(40), undefined);
    }),
  );
});

Deno.test("what is left is read in parts, each there as soon as its bytes are, the last of a frame shorter", async () => {
  const bytes = await written([
    ["text", Uint8Array.of(9)],
    ["bytes", Uint8Array.of(0, 1, 2, 3, 4)],
    ["bytes", new Uint8Array()],
    ["bytes", Uint8Array.of(5, 6)],
  ]);
  const reader = new FrameReader(streamOf(bytes, [3]));
  await reader.read(1);
  const parts = await Array.fromAsync(
    reader.readParts(5, 2),
    ({ content, isLast }) => [...content, isLast],
  );
  assertEquals(parts, [
    [0, 1, false],
    [2, 3, false],
    [4, true],
    [5, 6, true],
  ]);
  const long = new FrameReader(streamOf(bytes, [3]));
  await assertRejects(
    () => Array.fromAsync(long.readParts(4, 2)),
    RangeError,
    "at most 4 bytes: it has 5",
  );
});

Deno.test("a stream that ends within a frame has none", async () => {
  const bytes = packFrame("bytes", Uint8Array.of(1, 2, 3));
  for (let end = 0; end < bytes.length; end++) {
    const reader = new FrameReader(streamOf(bytes.subarray(0, end), [2]));
    assertEquals(await reader.read(3), undefined, `${end} bytes`);
    const parts = new FrameReader(streamOf(bytes.subarray(0, end), [2]));
    const read = await Array.fromAsync(parts.readParts(3, 3));
    assertEquals(read, [], `${end} bytes`);
  }
});

Deno.test("a frame that is longer than allowed is refused before it is read", async () => {
  const bytes = packFrame("bytes", new Uint8Array(4));
  const reader = new FrameReader(streamOf(bytes.subarray(0, 5), [5]));
  await assertRejects(
    () => reader.read(3),
    RangeError,
    "a message must have at most 3 bytes: it has 4",
  );
});
