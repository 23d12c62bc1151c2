import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { centreOfMass } from "../../../../core/data/drawing/centre_of_mass.ts";
import type { Stroke } from "../../../../core/data/drawing/drawing.ts";
import { PEN_WIDTH } from "../../../../core/data/drawing/pen.ts";
import { rasteriseStrokes } from "../../../../core/data/drawing/rasterise_strokes.ts";
import { fc } from "../../../seeded_check.ts";
import { DIGIT_STROKES } from "./digit_strokes.ts";

/** The image of strokes that are known to have one. */
function imageOf(strokes: Stroke[]): Float32Array<ArrayBuffer> {
  const image = rasteriseStrokes(strokes);
  if (!image) throw new Error("there is no ink");
  return image;
}

/** From the first to the last ink, a row or column being as long as its most ink. */
function inkedExtent(image: Float32Array): { height: number; width: number } {
  const lines = [...Array(28).keys()];
  const most = (at: (line: number, i: number) => number) => (line: number) =>
    Math.max(...lines.map((i) => image[at(line, i)]));
  const lengthOf = (inks: number[]) => inks.reduce((a, b) => a + b);
  return {
    height: lengthOf(lines.map(most((row, i) => row * 28 + i))),
    width: lengthOf(lines.map(most((column, i) => i * 28 + column))),
  };
}

/** The stroke through "x,y x,y …". */
function line(points: string): Stroke {
  return {
    points: points.split(" ").map((pair) => {
      const [x, y] = pair.split(",").map(Number);
      return { x, y };
    }),
  };
}

const coordinate = fc.double({ min: 0, max: 28, noNaN: true });
const stroke = fc.record({
  points: fc.array(fc.record({ x: coordinate, y: coordinate }), {
    minLength: 1,
    maxLength: 8,
  }),
});
const strokes = fc.array(stroke, { minLength: 1, maxLength: 4 });

/** The longer side of the bounding box of all points. */
function extentOf(strokes: Stroke[]): number {
  const points = strokes.flatMap((each) => each.points);
  const span = (values: number[]) => Math.max(...values) - Math.min(...values);
  return Math.max(
    span(points.map(({ x }) => x)),
    span(points.map(({ y }) => y)),
  );
}

Deno.test("nothing drawn is no image", () => {
  assertEquals(rasteriseStrokes([]), null);
  assertEquals(rasteriseStrokes([{ points: [] }, { points: [] }]), null);
});

Deno.test("moved and scaled, from the pen's width up, a drawing gives the same image", () => {
  fc.assert(fc.property(
    strokes,
    fc.double({ min: -500, max: 500, noNaN: true }),
    fc.double({ min: -500, max: 500, noNaN: true }),
    fc.double({ min: 0.1, max: 50, noNaN: true }),
    (strokes, across, down, factor) => {
      fc.pre(extentOf(strokes) * Math.min(1, factor) > PEN_WIDTH);
      const moved = strokes.map(({ points }) => ({
        points: points.map(({ x, y }) => ({
          x: factor * x + across,
          y: factor * y + down,
        })),
      }));
      const [before, after] = [imageOf(strokes), imageOf(moved)];
      before.forEach((ink, index) => {
        assertAlmostEquals(after[index], ink, 1e-6);
      });
    },
  ));
});

Deno.test("ink lies within 0 and 1, and a drawing's direction doesn't matter", () => {
  fc.assert(fc.property(strokes, (strokes) => {
    const image = imageOf(strokes);
    assert(image.every((ink) => ink >= 0 && ink <= 1));
    const back = imageOf(
      strokes.map(({ points }) => ({ points: points.toReversed() })).reverse(),
    );
    image.forEach((ink, index) => assertAlmostEquals(back[index], ink, 1e-6));
  }));
});

Deno.test("the centre of mass is the pixel in row 14, column 14", () => {
  for (const strokes of DIGIT_STROKES.flat()) {
    const image = imageOf(strokes);
    const { x, y } = centreOfMass({ pixels: image, width: 28, height: 28 });
    // Ink of a finer grid that two pixels share counts as at their middles.
    assertAlmostEquals(x, 14, 0.01);
    assertAlmostEquals(y, 14, 0.01);
  }
});

Deno.test("the longer side fills 20 pixels, the other keeps its proportion", () => {
  // Lines between the pen's middles: 17.5 units of the box for 20 pixels of ink.
  const L = line("5,5 5,22.5 12,22.5"); // 7 across, 17.5 down
  const { height, width } = inkedExtent(imageOf([L]));
  // A round pen's end is a little less than a row of ink.
  assertAlmostEquals(height, 20, 0.7);
  assertAlmostEquals(width, 9.5, 0.7);
  const wide = line("0,0 4,1 8,0");
  assertAlmostEquals(inkedExtent(imageOf([wide])).width, 20, 0.7);
});

Deno.test("lines are as wide as the pen, whatever the drawing's size", () => {
  for (const height of [PEN_WIDTH, 5, 28]) {
    const image = imageOf([line(`3,1 3,${1 + height}`)]);
    const row = image.subarray(14 * 28, 15 * 28);
    assertAlmostEquals(row.reduce((a, b) => a + b), PEN_WIDTH, 0.01);
    assertAlmostEquals(inkedExtent(image).height, 20, 0.7);
  }
});

Deno.test("a tap is a dot of the pen's width, and so nearly is a trembling one", () => {
  const dot = imageOf([line("20,3")]);
  const area = dot.reduce((a, b) => a + b);
  assertAlmostEquals(area, Math.PI * PEN_WIDTH ** 2 / 4, 0.05);
  assertEquals(imageOf([line("20,3 20,3 20,3")]), dot);
  const trembling = imageOf([line("20,3 20.1,3.1 20,3.2")]);
  assert(inkedExtent(trembling).height < 4);
});

Deno.test("crossing its own line adds no ink", () => {
  const once = imageOf([line("2,2 20,20")]);
  assertEquals(imageOf([line("2,2 20,20 2,2"), line("2,2 20,20")]), once);
});

Deno.test("coordinates that are no finite numbers are refused, by name", () => {
  for (const x of [NaN, Infinity, -Infinity]) {
    assertThrows(
      () =>
        rasteriseStrokes([line("1,1"), {
          points: [{ x: 2, y: 2 }, { x, y: 3 }],
        }]),
      RangeError,
      `point 1 of stroke 1 is (${x}, 3)`,
    );
  }
  assertThrows(
    () => rasteriseStrokes([line("-1e308,0 1e308,0")]),
    RangeError,
    "extent must be finite",
  );
});

Deno.test("a scribble of 10,000 long lines is drawn as a whole", () => {
  const points = Array.from({ length: 10_000 }, (_, i) => ({
    x: i % 2 * 28,
    y: i * 28 / 9_999,
  }));
  const image = imageOf([{ points }]);
  assert(image.reduce((a, b) => a + b) > 390);
});
