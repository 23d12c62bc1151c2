import { assert, assertEquals } from "@std/assert";
import {
  keepPictures,
  type Pictures,
} from "../../../web/components/draw/pictures.ts";
import { fc } from "../../seeded_check.ts";

const stroke = { points: [{ x: 1, y: 2 }] };
const changes: Record<string, (pictures: Pictures) => void> = {
  stroke: (pictures) => pictures.add(stroke),
  sample: (pictures) =>
    pictures.show({ strokes: [], image: new Uint8Array(784), sample: 3 }),
  clear: (pictures) => pictures.clear(),
};

Deno.test("undo takes back whatever was done last, down to the empty canvas", () => {
  const steps = fc.array(fc.constantFrom(...Object.keys(changes)));
  fc.assert(fc.property(steps, (names) => {
    const pictures = keepPictures();
    const before = [pictures.picture.value];
    for (const name of names) {
      changes[name](pictures);
      const now = pictures.picture.value;
      // Clearing an empty canvas is no change.
      if (now !== before[before.length - 1]) before.push(now);
    }
    while (before.length > 1) {
      assert(pictures.canUndo.value);
      assertEquals(pictures.picture.value, before.pop());
      pictures.undo();
    }
    assertEquals([pictures.empty.value, pictures.canUndo.value], [true, false]);
  }));
});

Deno.test("a sample replaces strokes, and strokes are drawn over a sample", () => {
  const pictures = keepPictures();
  pictures.add(stroke);
  changes.sample(pictures);
  assertEquals(pictures.picture.value.strokes, []);
  pictures.add(stroke);
  assertEquals(pictures.picture.value.strokes, [stroke]);
  assertEquals(pictures.picture.value.sample, 3);
});

Deno.test("a long drawing forgets its first steps, and stays whole", () => {
  const pictures = keepPictures();
  for (let i = 0; i < 500; i++) pictures.add(stroke);
  assertEquals(pictures.picture.value.strokes.length, 500);
  for (let i = 0; i < 500; i++) pictures.undo();
  assertEquals(pictures.picture.value.strokes.length, 301);
});
