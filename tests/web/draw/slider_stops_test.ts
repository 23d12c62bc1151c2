import { assert, assertEquals } from "@std/assert";
import type { SiteModel } from "../../../site/site_data.ts";
import { sliderStops } from "../../../web/components/draw/slider_stops.ts";
import { stopOf } from "../../../web/components/draw/stop_of.ts";
import site from "../../../web/static/data/models.json" with { type: "json" };
import { fc } from "../../seeded_check.ts";

const stops = sliderStops(site.models as SiteModel[]);

Deno.test("the slider has stops, from the smallest file, and the page's first model is one", () => {
  assert(stops.length >= 3);
  assert(stops.every(({ bytes }, i) => i === 0 || bytes > stops[i - 1].bytes));
  assert(stops.some(({ name }) => name === "digits-99"));
});

Deno.test("each stop stands where it is", () => {
  assertEquals(stops.map((model) => stopOf(stops, model)), [...stops.keys()]);
});

Deno.test("any other size stands at the last stop that is no larger", () => {
  fc.assert(fc.property(fc.nat(100_000), (bytes) => {
    const stop = stopOf(stops, { bytes });
    assert(stops[stop].bytes <= bytes || stop === 0);
    assert(stop === stops.length - 1 || stops[stop + 1].bytes > bytes);
  }));
});
