import { assertEquals } from "@std/assert";
import type { Stroke } from "../../../../core/data/drawing/drawing.ts";
import { readDrawing } from "../../../../core/data/drawing/read_drawing.ts";
import { load } from "../../../../core/infer/load.ts";
import { snapPoint } from "../../../../core/data/drawing/snap_point.ts";
import { fc } from "../../../seeded_check.ts";
import { DIGIT_STROKES } from "./digit_strokes.ts";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** The class that `model` gives to strokes; undefined where there is no image. */
function classify(
  model: ReturnType<typeof load>,
  strokes: Stroke[],
): number | undefined {
  const image = readDrawing({ strokes, image: null });
  return image ? model.classify(image).classes[0] : undefined;
}

/** `strokes` as a hasty hand in a corner would draw them: smaller, leaning. */
function lean(strokes: Stroke[]): Stroke[] {
  return strokes.map(({ points }) => ({
    points: points.map(({ x, y }) => ({
      x: 2 + 0.3 * (x + 0.15 * (28 - y)),
      y: 17 + 0.3 * y,
    })),
  }));
}

for (
  const name of ["digits-95", "digits-98", "digits-99", "student-6", "lenet-5"]
) {
  const file = new URL(
    `../../../../models/compact/${name}.dram`,
    import.meta.url,
  );
  const model = load(await Deno.readFile(file));

  Deno.test(`${name} recognises all ten digits, drawn by hand`, () => {
    for (const hand of [0, 1]) {
      const answers = DIGIT_STROKES.map((hands) =>
        classify(model, hands[hand])
      );
      assertEquals(answers, DIGITS);
    }
  });

  Deno.test(`${name} recognises them small, in a corner and leaning`, () => {
    for (const hand of [0, 1]) {
      const answers = DIGIT_STROKES.map((hands) =>
        classify(model, lean(hands[hand]))
      );
      assertEquals(answers, DIGITS);
    }
  });
}

Deno.test("moved, scaled, or both, a digit gets the same class", async () => {
  const file = new URL(
    "../../../../models/compact/digits-99.dram",
    import.meta.url,
  );
  const model = load(await Deno.readFile(file));
  fc.assert(fc.property(
    fc.constantFrom(...DIGITS),
    fc.nat({ max: 1 }),
    fc.double({ min: 0.2, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (digit, hand, factor, across, down) => {
      const room = 28 * (1 - factor);
      const moved = DIGIT_STROKES[digit][hand].map(({ points }) => ({
        points: points.map(({ x, y }) =>
          snapPoint({
            x: factor * x + across * room,
            y: factor * y + down * room,
          })
        ),
      }));
      assertEquals(classify(model, moved), digit);
    },
  ));
});
