import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  affineMap,
  augmentImages,
  drawAffine,
  elasticField,
} from "../../../core/data/augment_images.ts";
import {
  type AugmentationSpec,
  checkAugmentation,
  DIGIT_AUGMENTATION,
  NO_AUGMENTATION,
  photoAugmentation,
} from "../../../core/data/augmentation.ts";
import type { ImageShape } from "../../../core/data/dataset.ts";
import { randomStream } from "../../../core/random/stream.ts";
import { fc } from "../../seeded_check.ts";

const streamOf = (index: number) => randomStream(7, "augment", index);

/** The pixel at row, column and channel; outside of the image 0, or the nearest. */
function pixelAt(
  image: Uint8Array,
  [height, width, channels]: ImageShape,
  [row, column, channel]: [number, number, number],
  border?: "edge",
): number {
  if (border === "edge") {
    row = Math.min(Math.max(row, 0), height - 1);
    column = Math.min(Math.max(column, 0), width - 1);
  }
  if (row < 0 || row >= height || column < 0 || column >= width) return 0;
  return image[(row * width + column) * channels + channel];
}

/** One augmented image by the definition: four pixels around where each comes from. */
function augmentByDefinition(
  image: Uint8Array,
  shape: ImageShape,
  spec: AugmentationSpec,
  index: number,
): Uint8Array {
  const [height, width, channels] = shape;
  const random = streamOf(index);
  const map = drawAffine(spec, random);
  const { amplitude } = spec.elastic;
  const field = amplitude > 0
    ? elasticField([height, width], spec.elastic)(random)
    : undefined;
  const mirrored = spec.flip === true && random.uniform() < 0.5;
  return image.map((_, i) => {
    const channel = i % channels;
    const there = Math.floor(i / channels);
    const across = there % width;
    const place = mirrored ? there - across + width - 1 - across : there;
    const [row, column] = [Math.floor(place / width), place % width];
    const x = column - (width - 1) / 2;
    const y = row - (height - 1) / 2;
    const fromX = map.aa * x + map.ab * y + map.across + (width - 1) / 2 +
      (field?.across[place] ?? 0);
    const fromY = map.ba * x + map.bb * y + map.down + (height - 1) / 2 +
      (field?.down[place] ?? 0);
    let sum = 0;
    for (let r = Math.floor(fromY); r <= Math.floor(fromY) + 1; r++) {
      for (let c = Math.floor(fromX); c <= Math.floor(fromX) + 1; c++) {
        const weight = (1 - Math.abs(r - fromY)) * (1 - Math.abs(c - fromX));
        sum += weight * pixelAt(image, shape, [r, c, channel], spec.border);
      }
    }
    return Math.round(sum);
  });
}

Deno.test("augmentImages takes each pixel from where map and field say, bilinear", () => {
  const extent = fc.integer({ min: 1, max: 9 });
  const kind = fc.constantFrom(
    DIGIT_AUGMENTATION,
    { ...DIGIT_AUGMENTATION, flip: true, border: "edge" as const },
  );
  fc.assert(
    fc.property(
      kind,
      extent,
      extent,
      fc.constantFrom(1, 3),
      (kind, ...shape) => {
        const spec = { ...kind, rotation: 90, shift: 4 };
        const size = shape.reduce((a, b) => a * b);
        const images = Uint8Array.from(
          { length: 2 * size },
          (_, i) => (i * 89) % 256,
        );
        const augmented = augmentImages(images, shape, spec, streamOf);
        [0, 1].forEach((index) => {
          const image = images.subarray(index * size, (index + 1) * size);
          const expected = augmentByDefinition(image, shape, spec, index);
          const actual = augmented.subarray(index * size, (index + 1) * size);
          // Sums in another order may round the other way at a half.
          actual.forEach((value, i) =>
            assert(Math.abs(value - expected[i]) <= 1)
          );
        });
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("augmentImages without variation leaves images as they are", () => {
  const images = Uint8Array.from({ length: 2 * 12 }, (_, i) => 10 * i);
  assertEquals(
    augmentImages(images, [2, 3, 2], NO_AUGMENTATION, streamOf),
    images,
  );
});

Deno.test("photos are mirrored, one in two, and keep the light of their edge", () => {
  const shape = [8, 8, 3] as const;
  const spec = { ...photoAugmentation(shape), shift: 0, scale: 0 };
  const image = Uint8Array.from({ length: 192 }, (_, i) => 60 + i);
  const mirrored = image.map((_, i) => {
    const [place, channel] = [Math.floor(i / 3), i % 3];
    const column = place % 8;
    return image[(place - column + 7 - column) * 3 + channel];
  });
  let count = 0;
  for (let index = 0; index < 400; index++) {
    const copy = augmentImages(image, shape, spec, () => streamOf(index));
    const same = copy.every((value, i) => value === image[i]);
    assertEquals(copy, same ? image : mirrored);
    count += same ? 0 : 1;
  }
  assert(count > 160 && count < 240, `${count} of 400`);
  const moved = { ...photoAugmentation(shape), shift: 8 };
  const white = new Uint8Array(192).fill(255);
  assertEquals(augmentImages(white, shape, moved, streamOf), white);
});

Deno.test("augmentImages gives an image the same copy whatever is beside it", () => {
  const images = Uint8Array.from({ length: 3 * 64 }, (_, i) => (i * 37) % 256);
  const shape = [8, 8, 1] as const;
  const all = augmentImages(images, shape, DIGIT_AUGMENTATION, streamOf);
  const alone = augmentImages(
    images.subarray(128),
    shape,
    DIGIT_AUGMENTATION,
    () => streamOf(2),
  );
  assertEquals(alone, all.subarray(128));
});

Deno.test("a quarter turn takes the right column to the bottom row", () => {
  // y points down, so that a positive angle turns clockwise.
  const map = affineMap({
    factor: 1,
    shear: 0,
    radians: Math.PI / 2,
    across: 0,
    down: 0,
  });
  const [x, y] = [0, 1]; // a pixel of the new bottom row
  assertEquals(Math.round(map.aa * x + map.ab * y), 1);
  assertEquals(Math.round(map.ba * x + map.bb * y), 0);
});

Deno.test("affineMap is the inverse of scaling, shearing, turning, then moving", () => {
  const number = (reach: number) =>
    fc.double({ min: -reach, max: reach, noNaN: true });
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 3, noNaN: true }),
      number(1),
      number(3),
      number(5),
      number(5),
      (factor, shear, radians, across, down) => {
        const map = affineMap({ factor, shear, radians, across, down });
        const [x, y] = [1.5, -2]; // where a pixel was
        const [sx, sy] = [factor * (x + shear * y), factor * y];
        const newX = Math.cos(radians) * sx - Math.sin(radians) * sy + across;
        const newY = Math.sin(radians) * sx + Math.cos(radians) * sy + down;
        const back = [
          map.aa * newX + map.ab * newY + map.across,
          map.ba * newX + map.bb * newY + map.down,
        ];
        assert(Math.abs(back[0] - x) < 1e-6 && Math.abs(back[1] - y) < 1e-6);
      },
    ),
  );
});

Deno.test("checkAugmentation names the number that is out of bounds", () => {
  const bad: [Partial<AugmentationSpec>, string][] = [
    [{ shift: -1 }, "`shift` must be from 0 to 64: current value is -1"],
    [{ rotation: 181 }, "`rotation`"],
    [{ shear: NaN }, "`shear`"],
    [{ elastic: { amplitude: 5, deviation: 0 } }, "`elastic.deviation`"],
    [{ elastic: { amplitude: Infinity, deviation: 4 } }, "`elastic.amplitude`"],
  ];
  for (const [change, message] of bad) {
    assertThrows(
      () => checkAugmentation({ ...NO_AUGMENTATION, ...change }),
      RangeError,
      message,
    );
  }
});
