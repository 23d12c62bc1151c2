/**
 * The ten digits as a person draws them, each in two hands, in units of the canvas
 * (28×28): what tests give to the preprocessing, and draw with a browser's pointer.
 *
 * @module
 */
import type { Point, Stroke } from "../../../../core/data/drawing/drawing.ts";
import { snapPoint } from "../../../../core/data/drawing/snap_point.ts";

/** Points between two that are given. */
const STEPS = 5;

/**
 * The Catmull-Rom spline through `knotList`, "x,y x,y …", a corner where one is given
 * twice.
 */
function curve(knotList: string): Stroke {
  const knots = knotList.split(" ").map((pair): Point => {
    const [x, y] = pair.split(",").map(Number);
    return { x, y };
  });
  const at = (index: number) =>
    knots[Math.min(knots.length - 1, Math.max(0, index))];
  const points = [snapPoint(knots[0])];
  for (let knot = 0; knot + 1 < knots.length; knot++) {
    const [a, b, c, d] = [-1, 0, 1, 2].map((offset) => at(knot + offset));
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      const spline = (p: number, q: number, r: number, s: number) =>
        0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t +
          (3 * q - p - 3 * r + s) * t ** 3);
      points.push(snapPoint({
        x: spline(a.x, b.x, c.x, d.x),
        y: spline(a.y, b.y, c.y, d.y),
      }));
    }
  }
  return { points };
}

/** `DIGIT_STROKES[digit][hand]`: the strokes of a digit in one of two hands. */
export const DIGIT_STROKES: Stroke[][][] = [
  [ // 0
    [curve(
      "15,5 11,6 8.5,10 8,15 9.5,20 13,23 17,21.5 19.5,17 20,12 18.5,7 15,5",
    )],
    [curve(
      "18,6 14,4 9,7 6.5,13 7.5,19 11.5,22.5 16.5,21.5 20.5,17 21.5,11.5 19.5,7 16,5",
    )],
  ],
  [ // 1
    [curve("14.5,4 14.3,10 14,17 13.7,24")],
    [curve("17,5 15.5,11 13.5,17 11.5,23.5")],
  ],
  [ // 2
    [curve(
      "8.5,9 10,6 14,4.5 18,6.5 18.5,10.5 15.5,15 11.5,19 8,22.5 8,22.5 13,22.3 20.5,22",
    )],
    [curve(
      "7.5,10 9,6.5 13,5 17,6.5 17.5,11 14.5,16 10.5,20.5 8,21.5 7.5,19.5 10,19 14,21.5 17.5,22.5 21,21.5",
    )],
  ],
  [ // 3
    [curve(
      "8.5,7 12,4.5 16.5,5 18,8 16,11.5 12.5,13 12.5,13 17,14 19,17.5 17.5,21.5 13,23.5 8,21.5",
    )],
    [curve(
      "9,5.5 13,5 18.5,5 18.5,5 15.5,8.5 12.5,12.5 12.5,12.5 17,13 19.5,16 18.5,20.5 14.5,23 9.5,22.5 7.5,21",
    )],
  ],
  [ // 4
    [
      curve("9.5,5 8.5,9 7.5,14 7.5,14 13,14.3 20.5,13.5"),
      curve("17.5,5 17,12 16.5,18 16,24"),
    ],
    [
      curve("10,6 8.5,10 8.5,13.5 11,15 15,14 18.5,11.5"),
      curve("19,5.5 18.3,11 17.3,17 16.5,23.5"),
    ],
  ],
  [ // 5
    [
      curve(
        "10.5,5.5 10,9 9.5,12.5 9.5,12.5 13.5,11.8 17.5,13.5 19,17 17.5,21 13.5,23 8.5,22",
      ),
      curve("10.5,5.5 14.5,5.3 19.5,4.8"),
    ],
    [curve(
      "20,5 15,5.3 10.5,5.7 10.5,5.7 9.7,9 9,12.3 9,12.3 13,12 16.5,13.5 18,17 16.5,20.5 12.5,22.5 8,21.5",
    )],
  ],
  [ // 6
    [curve(
      "17.5,4.5 13,7.5 9.5,12 8,17 9,21.5 13,23.5 17.5,22 19,18.5 17,15.5 13,15.5 9.5,18.5",
    )],
    [curve(
      "15,4 11.5,8 9,13.5 8.5,19 11,22.8 15.5,22.8 18.5,19.5 17.5,15.8 14,14.8 10.5,17 9,20",
    )],
  ],
  [ // 7
    [curve("7.5,6.5 13,6.2 19.5,6 19.5,6 17,11.5 14.5,17 12.5,23.5")],
    [curve(
      "7.5,8.5 8.5,6.5 13.5,6.5 19.5,5.5 19.5,5.5 18,11 16.5,17 15.5,23.5",
    )],
  ],
  [ // 8
    [curve(
      "18,7 14.5,5 10.5,6.5 10.5,10 14,13 17.5,16 18,20 14.5,23 10.5,21.5 10,17.5 13.5,13.5 17.5,10.5 18,7",
    )],
    [curve(
      "17,6 12.5,5 9.5,8 11.5,11.5 15.5,14 17.5,18 15.5,22 11.5,22.5 9,19.5 10.5,15.5 14.5,12.5 18.5,9 17,6",
    )],
  ],
  [ // 9
    [curve(
      "18.5,8 15.5,5 11,5.8 8.8,9.5 10.5,13 14.5,13 18,9.5 18.5,8 18.5,8 18,13 17,18.5 16,24",
    )],
    [curve(
      "18.5,6.5 14,5 9.5,7.5 9,11.5 12,13.3 16,11.5 18.5,6.5 18.5,6.5 18.3,12 17,17 14.5,21 11,23",
    )],
  ],
];
