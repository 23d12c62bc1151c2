import { assert, assertEquals } from "@std/assert";
import { showLabel } from "../../../web/components/draw/show_label.ts";
import { fc } from "../../seeded_check.ts";

Deno.test("whatever a model calls a class, the page shows a short line of it", () => {
  const text = fc.string({ unit: "binary", maxLength: 255 });
  fc.assert(fc.property(text, fc.nat(9), (label, place) => {
    const shown = showLabel(label, place);
    const length = [...shown].length;
    assert(length >= 1 && length <= 12, shown);
    assert(!/[\p{C}\n]/u.test(shown), JSON.stringify(shown));
  }));
});

Deno.test("digits and words stay as they are", () => {
  for (const label of ["0", "seven", "Süd", "左"]) {
    assertEquals(showLabel(label, 1), label);
  }
});
