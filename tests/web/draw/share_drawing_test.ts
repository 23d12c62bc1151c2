import { assertEquals } from "@std/assert";
import { decodeShareLink } from "../../../core/infer/share_link/decode_share_link.ts";
import { startCapture } from "../../../web/components/draw/capture.ts";
import { shareDrawing } from "../../../web/components/draw/share_drawing.ts";
import { smallDram } from "../../core/infer/small_model.ts";
import { fc } from "../../seeded_check.ts";

const coordinate = fc.double({ min: -1, max: 29, noNaN: true });
const points = fc.array(fc.record({ x: coordinate, y: coordinate }), {
  minLength: 1,
  maxLength: 40,
});

Deno.test("what was drawn comes through a link as it was captured", () => {
  const dram = smallDram();
  fc.assert(
    fc.property(fc.array(points, { maxLength: 5 }), (drawn) => {
      const capture = startCapture();
      drawn.forEach(([first, ...rest], id) => {
        capture.begin(id, first);
        capture.extend(id, rest);
      });
      const drawing = { strokes: capture.strokes(), image: null };
      const { url } = shareDrawing("https://example.org", { dram, drawing });
      assertEquals(decodeShareLink(new URL(url).hash), { dram, drawing });
    }),
    { numRuns: 30 },
  );
});
