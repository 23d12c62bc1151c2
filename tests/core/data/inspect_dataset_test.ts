import { assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import type { Examples } from "../../../core/data/dataset.ts";
import { findDuplicates } from "../../../core/data/inspect_dataset.ts";
import { randomStream } from "../../../core/random/stream.ts";

/** Images of 1×2×1 of three greys, so that many are alike, in memory or in files. */
async function drawDots(
  { count, seed, stored }: { count: number; seed: number; stored: boolean },
): Promise<Examples> {
  const random = randomStream(seed, "dots");
  const pixels = Uint8Array.from({ length: 2 * count }, () => random.below(40));
  const labels = Uint8Array.from({ length: count }, () => random.below(2));
  const shape = [1, 2, 1] as const;
  if (!stored) return { count, shape, images: pixels, labels };
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, pixels);
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  const images = { files: [{ path, offset: 0, count }], rows };
  return { count, shape, images, labels };
}

Deno.test("duplicates are the first images to learn from that have a test image's pixels, wherever they lie", async () => {
  for (const [trained, tested] of [[0, 5], [1, 1], [500, 300], [3000, 200]]) {
    const part = async (stored: boolean) => [
      await drawDots({ count: trained, seed: 1, stored }),
      await drawDots({ count: tested, seed: 2, stored }),
    ];
    const [train, test] = await part(false);
    const listImages = ({ images, count }: Examples) =>
      Array.from(
        { length: count },
        (_, i) =>
          images instanceof Uint8Array &&
          images.subarray(2 * i, 2 * i + 2).join(),
      );
    const learnt = listImages(train);
    const expected = listImages(test).flatMap((pixels, at) => {
      const same = learnt.indexOf(pixels);
      const agree = train.labels[same] === test.labels[at];
      return same < 0 ? [] : [{ train: same, test: at, agree }];
    });
    assertEquals(findDuplicates(train, test), expected);
    const [storedTrain, storedTest] = await part(true);
    assertEquals(findDuplicates(storedTrain, storedTest), expected);
    if (trained > 1) assertEquals(expected.length > 10, true);
  }
});

Deno.test("images with one checksum and other pixels are no duplicates", () => {
  // The polynomial of CRC-32 itself, lowest bit first: added to anything it changes no checksum.
  const zeros = [0, 0, 0, 0, 0];
  const alike = [0x41, 0x06, 0x71, 0xdb, 0x01];
  assertEquals(crc32(Uint8Array.from(zeros)), crc32(Uint8Array.from(alike)));
  const part = (images: number[][]) => ({
    count: images.length,
    shape: [1, 5, 1] as const,
    images: Uint8Array.from(images.flat()),
    labels: new Uint8Array(images.length),
  });
  assertEquals(findDuplicates(part([zeros]), part([alike])), []);
  const found = findDuplicates(part([zeros, alike, alike]), part([alike]));
  assertEquals(found, [{ train: 1, test: 0, agree: true }]);
});
