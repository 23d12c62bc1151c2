import type { SiteModel } from "../site/site_data.ts";

/** The model of ours that a visitor meets, where the site has it. */
const SHIPPED = "digits-99";

/**
 * Name of the model that a visitor meets who asks for none in particular: the
 * shipped one of 0.99, or else the most accurate that the slider stops at.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import site from "./static/data/models.json" with { type: "json" };
 * import type { SiteModel } from "../site/site_data.ts";
 * import { defaultModel } from "./default_model.ts";
 *
 * assertEquals(defaultModel(site.models as SiteModel[]), "digits-99");
 * ```
 */
export function defaultModel(models: readonly SiteModel[]): string {
  const [best] = models.filter(({ frontier }) => frontier)
    .sort((a, b) => b.accuracy.validation - a.accuracy.validation);
  return models.some(({ name }) => name === SHIPPED) ? SHIPPED : best.name;
}
