import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { decodePicture } from "../../../../../core/data/formats/pictures/decode_picture.ts";
import { encodePng } from "../../../../../core/data/formats/pictures/encode_png.ts";
import { colourPixels } from "../../../../../core/data/formats/pictures/picture.ts";
import { hasReader } from "../has_reader.ts";
import golden from "../../../../golden/pictures.json" with { type: "json" };

interface Golden {
  /** The file, in base64. */
  file: string;
  shape: number[];
  /** Pillow's pixels, in base64. */
  pixels: string;
}

const PNGS: [string, Golden][] = Object.entries(golden.png);
const JPEGS: [string, Golden][] = Object.entries(golden.jpeg);

for (const [name, { file, shape, pixels }] of PNGS) {
  Deno.test(`decodePicture reads a PNG of ${name} as Pillow does`, async () => {
    const picture = await decodePicture(Uint8Array.fromBase64(file));
    assertEquals(picture.shape.slice(0, 2), shape.slice(0, 2));
    const expected = Uint8Array.fromBase64(pixels);
    const own = shape[2] === 3 ? colourPixels(picture) : picture.pixels;
    assertEquals(own.length, expected.length);
    // What lies on white may be rounded otherwise: Pillow's products are of integers.
    const most = name.includes("alpha") ? 1 : 0;
    own.forEach((value, i) =>
      assert(Math.abs(value - expected[i]) <= most, `${i}: ${value}`)
    );
  });
}

const readsJpeg = await hasReader("jpeg") && await hasReader("inks");

for (const [name, { file, shape, pixels }] of JPEGS) {
  const as = `decodePicture reads a JPEG, ${name}, as Pillow does`;
  Deno.test({ name: as, ignore: !readsJpeg }, async () => {
    const picture = await decodePicture(Uint8Array.fromBase64(file));
    assertEquals(picture.shape, shape);
    const expected = Uint8Array.fromBase64(pixels);
    // Both are libjpeg-turbo's but for inks, of which another package makes colours.
    const most = name === "CMYK" ? 6 : 0;
    assertEquals(picture.pixels.length, expected.length);
    picture.pixels.forEach((value, i) =>
      assert(Math.abs(value - expected[i]) <= most, `${i}: ${value}`)
    );
  });
}

/** A chunk with a right checksum. */
function chunk(kind: string, data: number[] | Uint8Array): number[] {
  const body = [...new TextEncoder().encode(kind), ...data];
  const words = (value: number) =>
    [24, 16, 8, 0].map((by) => value >>> by & 255);
  return [
    ...words(data.length),
    ...body,
    ...words(crc32(Uint8Array.from(body))),
  ];
}

/** A PNG of these chunks. */
function pngOf(...chunks: number[][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, ...chunks.flat()]);
}

const header = (
  width: number,
  height: number,
  ...rest: number[]
) =>
  chunk("IHDR", [
    ...[0, 0, width >> 8, width & 255, 0, 0, height >> 8, height & 255],
    ...rest,
  ]);
const data = (bytes: number[] | Uint8Array) =>
  chunk("IDAT", deflateSync(Uint8Array.from(bytes)));
const END = chunk("IEND", []);
const GREY = [8, 0, 0, 0, 0];
const WHOLE = pngOf(header(1, 1, ...GREY), data([0, 9]), END);

for (
  const [what, file, message] of [
    ["nothing", [], "it is empty"],
    ["a GIF", new TextEncoder().encode("GIF89a"), "it must be a PNG or JPEG"],
    ["a cut off PNG", WHOLE.slice(0, -5), "it is cut off"],
    [
      "a wrong byte",
      WHOLE.with(WHOLE.length - 14, 7),
      "that of IDAT is another",
    ],
    [
      "65,535 × 65,535",
      pngOf(header(65535, 65535, ...GREY), data([0]), END),
      "pixels: it says 65535 × 65535",
    ],
    ["no pixel", pngOf(header(0, 1, ...GREY), data([0]), END), "it says 0 × 1"],
    [
      "3 bits",
      pngOf(header(1, 1, 3, 0, 0, 0, 0), data([0, 9]), END),
      "found 0 and 3",
    ],
    [
      "another filter",
      pngOf(header(1, 1, ...GREY), data([5, 9]), END),
      "found 5",
    ],
    [
      "too few pixels",
      pngOf(header(2, 1, ...GREY), data([0, 9]), END),
      "must unpack to 3 bytes: there are 2",
    ],
    [
      "a bomb",
      pngOf(header(1, 1, ...GREY), data(new Uint8Array(1e7)), END),
      "must unpack to 2 bytes",
    ],
    [
      "no palette",
      pngOf(header(1, 1, 8, 3, 0, 0, 0), data([0, 0]), END),
      "it has 0 bytes",
    ],
    [
      "a pixel beyond the palette",
      pngOf(
        header(1, 1, 8, 3, 0, 0, 0),
        chunk("PLTE", [1, 2, 3]),
        data([0, 1]),
        END,
      ),
      "one is 1",
    ],
    ["no header", pngOf(data([0]), END), "its header must come first"],
    [
      "a cut off JPEG",
      Uint8Array.fromBase64(JPEGS[0][1].file).slice(0, 100),
      "it is cut off",
    ],
    [
      "a lossless JPEG",
      Uint8Array.of(255, 216, 255, 0xc3, 0, 11, 8, 0, 1, 0, 1, 1, 1, 17, 0),
      "of kind 3",
    ],
    [
      "a JPEG of 12 bits",
      Uint8Array.of(255, 216, 255, 0xc1, 0, 11, 12, 0, 1, 0, 1, 1, 1, 17, 0),
      "they have 12; save it with 8",
    ],
    [
      "a JPEG of 101 scans",
      Uint8Array.from([
        ...[255, 216, 255, 0xc2, 0, 11, 8, 0, 1, 0, 1, 1, 1, 17, 0],
        ...Array.from({ length: 101 }, () => [255, 0xda, 0, 2]).flat(),
      ]),
      "it does 101 times",
    ],
    [
      "a JPEG of 65,535 × 65,535",
      Uint8Array.of(
        255,
        216,
        255,
        0xc0,
        0,
        11,
        8,
        255,
        255,
        255,
        255,
        1,
        1,
        17,
        0,
      ),
      "it says 65535 × 65535",
    ],
  ] as [string, ArrayLike<number>, string][]
) {
  Deno.test(`decodePicture refuses ${what}`, async () => {
    await assertRejects(
      () => decodePicture(Uint8Array.from(file)),
      SyntaxError,
      message,
    );
  });
}

Deno.test({
  name: "decodePicture refuses half a JPEG, and reads the next one whole",
  ignore: !readsJpeg,
}, async () => {
  const [, { file, pixels }] = JPEGS[0];
  const whole = Uint8Array.fromBase64(file);
  for (const end of [900, whole.length - 2]) {
    await assertRejects(
      () => decodePicture(whole.slice(0, end)),
      SyntaxError,
      "its pixels must be whole",
    );
    const picture = await decodePicture(whole);
    assertEquals(picture.pixels, Uint8Array.fromBase64(pixels));
  }
});

Deno.test("decodePicture throws nothing but a SyntaxError on damaged files", async () => {
  let state = 1;
  const draw = (below: number) => {
    state = Math.imul(state, 48271) % 0x7fffffff & 0x7fffffff;
    return state % below;
  };
  for (const [name, { file }] of [...PNGS, ...readsJpeg ? JPEGS : []]) {
    for (let round = 0; round < 20; round++) {
      const bytes = Uint8Array.fromBase64(file);
      for (let i = 0; i <= round % 4; i++) {
        bytes[draw(bytes.length)] = draw(256);
      }
      const cut = round % 5 === 0 ? bytes.slice(0, draw(bytes.length)) : bytes;
      try {
        const { shape, pixels } = await decodePicture(cut);
        assertEquals(pixels.length, shape[0] * shape[1] * shape[2]);
      } catch (error) {
        assert(error instanceof SyntaxError, `${name}: ${error}`);
      }
    }
  }
});

Deno.test("decodePicture reads what encodePng writes in colours", async () => {
  const pixels = Uint8Array.from({ length: 18 }, (_, i) => 14 * i);
  const bytes = encodePng({ shape: [2, 3, 3], pixels });
  assertEquals(await decodePicture(bytes), { shape: [2, 3, 3], pixels });
  assertStringIncludes(new TextDecoder().decode(bytes), "IEND");
});
