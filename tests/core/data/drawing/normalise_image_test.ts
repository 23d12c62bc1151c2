import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { centreOfMass } from "../../../../core/data/drawing/centre_of_mass.ts";
import {
  inkBounds,
  normaliseImage,
} from "../../../../core/data/drawing/normalise_image.ts";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { fc } from "../../../seeded_check.ts";

const { train } = await loadMnist();

/** One of MNIST's training images. */
function digit(index: number): Uint8Array {
  return train.images.subarray(index * 784, index * 784 + 784);
}

/** The image that a model sees of an image that is known to have ink. */
function imageOf(
  pixels: Uint8Array | Float32Array,
  width: number,
  height: number,
): Float32Array<ArrayBuffer> {
  const image = normaliseImage(pixels, width, height);
  if (!image) throw new Error("there is no ink");
  return image;
}

/** `image` of 28×28, each pixel `factor`² times, on black of `width` × `height`. */
function place(
  image: Uint8Array,
  { factor, left, top, width, height }: {
    factor: number;
    left: number;
    top: number;
    width: number;
    height: number;
  },
): Uint8Array {
  const placed = new Uint8Array(width * height);
  for (let y = 0; y < 28 * factor; y++) {
    for (let x = 0; x < 28 * factor; x++) {
      placed[(top + y) * width + left + x] =
        image[Math.floor(y / factor) * 28 + Math.floor(x / factor)];
    }
  }
  return placed;
}

// Of all 60,000 images 15 change: 13 whose longer side has 19 pixels, 2 that are off
// the centre. Looking at all of them takes 7 seconds.
Deno.test("MNIST's images stay exactly as they are, but for 4 of the first 20,000", () => {
  const changed: number[] = [];
  for (let index = 0; index < 20_000; index++) {
    const image = digit(index);
    const normalised = imageOf(image, 28, 28);
    for (let i = 0; i < 784; i++) {
      if (normalised[i] === Math.fround(image[i] / 255)) continue;
      changed.push(index);
      break;
    }
  }
  assertEquals(changed, [908, 4928, 10548, 19841]);
});

Deno.test("moved and enlarged, a digit gives the same image", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: train.count - 1 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat({ max: 40 }),
      fc.nat({ max: 40 }),
      (index, factor, left, top) => {
        const image = digit(index);
        const width = 28 * factor + left + 3;
        const height = 28 * factor + top;
        const placed = place(image, { factor, left, top, width, height });
        const expected = imageOf(image, 28, 28);
        const actual = imageOf(placed, width, height);
        actual.forEach((ink, i) => assertAlmostEquals(ink, expected[i], 1e-5));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("of any image, ink within 0 and 1; unless cut off, as much of it, its centre nearest to (14, 14)", () => {
  const size = fc.integer({ min: 1, max: 40 });
  const image = fc.tuple(size, size).chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      pixels: fc.uint8Array({
        minLength: width * height,
        maxLength: width * height,
      }),
    })
  );
  let whole = 0;
  fc.assert(fc.property(image, ({ width, height, pixels }) => {
    const raster = {
      pixels: Float32Array.from(pixels, (byte) => byte / 255),
      width,
      height,
    };
    const bounds = inkBounds(raster);
    if (!bounds) {
      return assertEquals(normaliseImage(pixels, width, height), null);
    }
    const normalised = imageOf(pixels, width, height);
    assert(normalised.every((ink) => ink >= 0 && ink <= 1));
    const scale = 20 / Math.max(bounds.width, bounds.height);
    const expected = raster.pixels.reduce((a, b) => a + b) * scale ** 2;
    const mass = normalised.reduce((a, b) => a + b);
    assert(mass < expected + 0.001);
    // Ink far from the centre of mass falls outside the image.
    if (mass < expected - 0.001) return;
    whole++;
    const centre = centreOfMass({ pixels: normalised, width: 28, height: 28 });
    // Pixels that are cut by new ones move a little of their ink.
    assert(Math.abs(centre.x - 14) < 0.7 && Math.abs(centre.y - 14) < 0.7);
  }));
  assert(whole > 10);
});

Deno.test("the longer side becomes 20 pixels, the other keeps its proportion", () => {
  const box = imageOf(new Uint8Array(60 * 30).fill(255), 60, 30);
  const inked = [...box.keys()].filter((index) => box[index] > 0);
  const rows = new Set(inked.map((index) => Math.floor(index / 28)));
  const columns = new Set(inked.map((index) => index % 28));
  assertEquals([columns.size, rows.size], [20, 10]);
  assert(inked.every((index) => box[index] > 0.999999));
});

Deno.test("a checkerboard that shrinks becomes grey, not a smaller checkerboard", () => {
  const board = Uint8Array.from(
    { length: 80 * 80 },
    (_, i) => (i % 80 + Math.floor(i / 80)) % 2 * 255,
  );
  const image = imageOf(board, 80, 80);
  assert(image.every((ink) => ink === 0 || Math.abs(ink - 0.5) < 1e-6));
});

Deno.test("an image without ink is none; one that is no image is refused", () => {
  assertEquals(normaliseImage(new Uint8Array(784), 28, 28), null);
  assertEquals(normaliseImage(new Float32Array(6), 2, 3), null);
  for (
    const [width, height] of [[28, 27], [0, 0], [-28, -28], [1.5, 2], [NaN, 1]]
  ) {
    assertThrows(
      () =>
        normaliseImage(new Uint8Array(width === 1.5 ? 3 : 784), width, height),
      RangeError,
      "width × height pixels",
    );
  }
  for (const wrong of [NaN, -0.1, 1.1, Infinity]) {
    assertThrows(
      () => normaliseImage(Float32Array.of(0, wrong), 2, 1),
      RangeError,
      "within 0 and 1",
    );
  }
});
