import { assertEquals, assertThrows } from "@std/assert";
import { normaliseImage } from "../../../../core/data/drawing/normalise_image.ts";
import { rasteriseStrokes } from "../../../../core/data/drawing/rasterise_strokes.ts";
import { readDrawing } from "../../../../core/data/drawing/read_drawing.ts";
import { loadMnist } from "../../../../core/data/mnist.ts";
import { DIGIT_STROKES } from "./digit_strokes.ts";

const { train } = await loadMnist();
const image = train.images.slice(0, 784);
const [strokes] = DIGIT_STROKES[5];

Deno.test("strokes alone are what rasteriseStrokes gives, an image alone itself", () => {
  assertEquals(
    readDrawing({ strokes, image: null }),
    rasteriseStrokes(strokes),
  );
  const expected = Float32Array.from(image, (pixel) => pixel / 255);
  assertEquals(readDrawing({ strokes: [], image }), expected);
  assertEquals(readDrawing({ strokes: [{ points: [] }], image }), expected);
});

Deno.test("an empty canvas is nothing, with or without a black image", () => {
  const black = new Uint8Array(784);
  assertEquals(readDrawing({ strokes: [], image: null }), null);
  assertEquals(readDrawing({ strokes: [], image: black }), null);
});

Deno.test("a point over an image's ink leaves the image; a stroke beside it adds to it", () => {
  const darkest = image.indexOf(255);
  const x = darkest % 28 + 0.5;
  const y = Math.floor(darkest / 28) + 0.5;
  const solid = new Uint8Array(784);
  for (const index of [0, 1, 2]) {
    solid.fill(
      255,
      darkest + (index - 1) * 28 - 1,
      darkest + (index - 1) * 28 + 2,
    );
  }
  const point = [{ points: [{ x, y }] }];
  assertEquals(
    readDrawing({ strokes: point, image: solid }),
    normaliseImage(solid, 28, 28),
  );
  const beside = [{ points: [{ x: 1, y: 5 }, { x: 1, y: 20 }] }];
  const both = readDrawing({ strokes: beside, image });
  if (!both) throw new Error("there is no ink");
  const columns = [...both.keys()].filter((i) => both[i] > 0).map((i) =>
    i % 28
  );
  const width = Math.max(...columns) - Math.min(...columns) + 1;
  assertEquals(width, 20); // fitted as one drawing
});

Deno.test("a coordinate that is no finite number is refused, over an image too", () => {
  const wrong = [...strokes, { points: [{ x: 1, y: 1 }, { x: NaN, y: 2 }] }];
  assertThrows(
    () => readDrawing({ strokes: wrong, image }),
    RangeError,
    `Cannot read a drawing: coordinates must be finite: point 1 of stroke ${strokes.length} is (NaN, 2)`,
  );
});

Deno.test("an image of another size is refused", () => {
  assertThrows(
    () => readDrawing({ strokes, image: new Uint8Array(783) }),
    RangeError,
    "784 pixels: it has 783",
  );
});
