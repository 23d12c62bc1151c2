import type { SiteModel } from "../../../site/site_data.ts";
import { type ModelFacts, modelFacts } from "./model_facts.ts";

/**
 * The models that the slider stops at, from the smallest file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sliderStops } from "./slider_stops.ts";
 *
 * assertEquals(sliderStops([]), []);
 * ```
 */
export function sliderStops(models: readonly SiteModel[]): ModelFacts[] {
  return models.filter(({ frontier }) => frontier)
    .map(modelFacts)
    .sort((a, b) => a.bytes - b.bytes);
}
