import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startCapture } from "../../../web/components/draw/capture.ts";
import { fc } from "../../seeded_check.ts";

const point = fc.record({
  x: fc.double({ min: -5, max: 33, noNaN: true }),
  y: fc.double({ min: -5, max: 33, noNaN: true }),
});

Deno.test("a stroke's points lie on the grid that a link holds, none on the one before it", () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 1 }), ([first, ...rest]) => {
      const capture = startCapture();
      capture.begin(1, first);
      capture.extend(1, rest);
      const points = capture.end(1)?.points ?? [];
      assert(points.length >= 1);
      for (const [i, { x, y }] of points.entries()) {
        for (const value of [x, y]) {
          assert(value >= 0 && value <= 28 && Number.isInteger(value * 32));
        }
        if (i > 0) assertNotEquals(points[i - 1], { x, y });
      }
    }),
  );
});

Deno.test("each pointer draws a stroke of its own, the first to touch first", () => {
  const capture = startCapture();
  capture.begin(7, { x: 1, y: 1 });
  capture.begin(3, { x: 20, y: 1 });
  capture.extend(7, [{ x: 1, y: 9 }]);
  capture.extend(3, [{ x: 20, y: 9 }]);
  assertEquals(capture.strokes(), [
    { points: [{ x: 1, y: 1 }, { x: 1, y: 9 }] },
    { points: [{ x: 20, y: 1 }, { x: 20, y: 9 }] },
  ]);
  assertEquals(capture.end(7)?.points.length, 2);
  assertEquals([capture.has(7), capture.has(3)], [false, true]);
});

Deno.test("a pointer that hovers draws nothing, and lets go of nothing", () => {
  const capture = startCapture();
  capture.extend(1, [{ x: 1, y: 1 }]);
  assertEquals([capture.strokes(), capture.end(1)], [[], null]);
});

Deno.test("a stroke that is abandoned is gone, and its pointer draws no more until it touches", () => {
  const capture = startCapture();
  capture.begin(1, { x: 1, y: 1 });
  capture.abandon();
  capture.extend(1, [{ x: 5, y: 5 }]);
  assertEquals([capture.strokes(), capture.end(1)], [[], null]);
});
